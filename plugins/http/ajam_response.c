// plugins/http/ajam_response.c: see ajam_response.h.
#include "ajam_response.h"

#include "ajam.h"
#include "ajam_digest.h"
#include "ajam_error.h"
#include "ajam_key.h"
#include "ajam_render.h"
#include "response.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void ajam_call_destroy(struct ajam_call *call)
{
    if (call == NULL)
        return;
    explicit_bzero(&call->key, sizeof call->key);
    buffer_wipe(&call->digest);
    free(call->dest);
    free(call->object);
    free(call);
}

static void ajam_head(const struct connection *connection, const struct ajam_call *call, int status, const char *title,
                      const char *more, size_t length, struct buffer *out)
{
    char date[RESPONSE_DATE_SIZE];
    response_date(time(NULL), date);
    buffer_print(out, "HTTP/1.1 %d %s\r\nServer: astmanproxy\r\nDate: %s\r\n", status, title, date);
    if (!connection->keep)
        buffer_print(out, "Connection: close\r\n");
    else if (call != NULL && call->is_old)
        buffer_print(out, "Connection: keep-alive\r\n");
    buffer_print(out, "Cache-Control: no-cache, no-store\r\n%sX-Content-Type-Options: nosniff\r\n", more);
    if (connection->origin != NULL)
        buffer_print(out,
                     "Access-Control-Allow-Origin: %s\r\nAccess-Control-Allow-Credentials: true\r\nVary: Origin\r\n",
                     connection->origin);
    buffer_print(out, "Content-Length: %zu\r\n\r\n", length);
}

static void ajam_send(struct connection *connection, const struct buffer *head, const struct buffer *body)
{
    struct ajam_call *call = connection->ajam;
    bool is_head = call != NULL && call->is_head;
    amp_session_write(connection->session, head->bytes, head->length);
    if (!is_head && body->length > 0)
        amp_session_write(connection->session, body->bytes, body->length);
    connection_answered(connection);
}

/** Makes a small page as Asterisk's HTTP server writes it (main/http.c: ast_http_create_response). Asterisk sends it
 *  for HEAD, too; here HEAD gets none, because a client or a proxy in between would read it as the next response (RFC
 *  9110, 9.3.2). */
static void ajam_page_with(struct connection *connection, int status, const char *title, const char *text,
                           const char *more)
{
    struct buffer head = {0}, body = {0}, headers = {0};
    buffer_print(&body,
                 "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\r\n<html><head>\r\n<title>%d %s</title>\r\n"
                 "</head><body>\r\n<h1>%s</h1>\r\n<p>%s</p>\r\n<hr />\r\n<address>astmanproxy</address>\r\n"
                 "</body></html>\r\n",
                 status, title, title, text);
    buffer_print(&headers, "%sContent-type: text/html\r\n", more);
    ajam_head(connection, connection->ajam, status, title, headers.bytes, body.length, &head);
    ajam_send(connection, &head, &body);
    buffer_wipe(&headers);
    buffer_wipe(&head);
    buffer_wipe(&body);
}

void ajam_page(struct connection *connection, int status, const char *title, const char *text)
{
    ajam_page_with(connection, status, title, text, status == 429 ? "Retry-After: 60\r\n" : ""); // of failed logins
}

void ajam_challenge(struct connection *connection, const char *nonce, bool stale)
{
    char text[AJAM_NONCE_DIGITS + 1], header[2 * AJAM_NONCE_DIGITS + 160];
    struct ajam_nonce made;
    if (nonce == NULL && !ajam_nonce_create(&made)) {
        ajam_page(connection, 500, "Server Error", "There is no randomness for a nonce");
        return;
    }
    if (nonce == NULL)
        ajam_nonce_text(&made, text);
    nonce = nonce == NULL ? text : nonce;
    snprintf(header, sizeof header,
             "WWW-authenticate: Digest algorithm=MD5, realm=\"%s\", nonce=\"%s\", qop=\"auth\", opaque=\"%s\"%s\r\n",
             AJAM_REALM, nonce, nonce, stale ? ", stale=true" : "");
    ajam_page_with(connection, 401, "Unauthorized", "", header);
}

void ajam_send_text(struct connection *connection, struct amp_bytes text)
{
    static const char *const types[] = {[AJAM_RAW] = "plain", [AJAM_XML] = "xml", [AJAM_HTML] = "html"};
    const struct ajam_call *call = connection->ajam;
    struct ajam_names names = {text_of(call->dest != NULL ? call->dest : ""),
                               text_of(call->object != NULL ? call->object : "")};
    struct buffer head = {0}, body = {0}, headers = {0};
    char key[AJAM_KEY_DIGITS + 1];
    bool is_html = call->path.format == AJAM_HTML;
    ajam_key_text(&call->key, key);
    ajam_render(call->path, &names, text, &body);
    buffer_print(&headers, "Content-type: text/%s\r\n", types[call->path.format]);
    if (!call->path.digest)
        buffer_print(&headers,
                     "Set-Cookie: " AJAM_COOKIE
                     "=\"%s\"; Version=1; Max-Age=%llu; Path=/; HttpOnly; SameSite=Lax%s\r\nPragma: SuppressEvents\r\n",
                     key, (unsigned long long)(settings_get()->ajam.timeout_ms / 1000),
                     amp_session_is_encrypted(connection->session) ? "; Secure" : "");
    if (is_html)
        buffer_print(&headers, "Content-Security-Policy: frame-ancestors 'self'\r\n");
    ajam_head(connection, call, 200, "OK", headers.bytes, body.length, &head);
    ajam_send(connection, &head, &body);
    explicit_bzero(key, sizeof key);
    buffer_wipe(&headers);
    buffer_wipe(&head);
    buffer_wipe(&body);
}

void ajam_send_error(struct connection *connection, struct amp_bytes id, const char *message)
{
    struct buffer text = {0};
    ajam_error_add(&text, id, message);
    ajam_send_text(connection, buffer_bytes(&text));
    buffer_wipe(&text);
}
