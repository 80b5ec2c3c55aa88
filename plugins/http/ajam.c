// plugins/http/ajam.c: see ajam.h. A request is small while it waits: its head, its fields and its parser are let go.
#include "ajam.h"

#include "ajam_key.h"
#include "ajam_render.h"
#include "ajam_session.h"
#include "dispatch.h"
#include "media.h"
#include "response.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST_BYTES 40960 // of a body (Asterisk main/http.c: MAX_CONTENT_LENGTH)
#define DENIED "Permission denied"
#define NO_ACTION_TEXT "Missing action in request"

struct ajam_call {
    struct ajam_path path;
    struct amp_key key; // of the session that the answer names
    char *dest, *object;
    bool is_head, is_old; // HEAD; HTTP/1.0
};

void ajam_call_destroy(struct ajam_call *call)
{
    if (call == NULL)
        return;
    explicit_bzero(&call->key, sizeof call->key);
    free(call->dest);
    free(call->object);
    free(call);
}

static bool ajam_is_for(const struct request *request, struct ajam_path *path)
{
    const struct settings_ajam *settings = &settings_get()->ajam;
    struct amp_bytes target = {request->path, request->path_length};
    return settings->on && request->path != NULL && ajam_path_find(target, settings->prefix, path) && !path->digest;
}

// --- responses --------------------------------------------------------------------------------------------------

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

/** A small page, as Asterisk's HTTP server writes it (main/http.c: ast_http_create_response). Asterisk sends it for
 * HEAD, too; a client, or a proxy in between, would read it as the next response (RFC 9110, 9.3.2). */
static void ajam_page(struct connection *connection, int status, const char *title, const char *text)
{
    struct buffer head = {0}, body = {0};
    buffer_print(&body,
                 "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\r\n<html><head>\r\n<title>%d %s</title>\r\n"
                 "</head><body>\r\n<h1>%s</h1>\r\n<p>%s</p>\r\n<hr />\r\n<address>astmanproxy</address>\r\n"
                 "</body></html>\r\n",
                 status, title, title, text);
    ajam_head(connection, connection->ajam, status, title, "Content-type: text/html\r\n", body.length, &head);
    ajam_send(connection, &head, &body);
    buffer_wipe(&head);
    buffer_wipe(&body);
}

/** AMI text in the format of the path, with the session's cookie. */
static void ajam_send_text(struct connection *connection, struct amp_bytes text)
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
    buffer_print(&headers,
                 "Content-type: text/%s\r\nSet-Cookie: " AJAM_COOKIE
                 "=\"%s\"; Version=1; Max-Age=%llu; Path=/; HttpOnly; SameSite=Lax%s\r\nPragma: SuppressEvents\r\n%s",
                 types[call->path.format], key, (unsigned long long)(settings_get()->ajam.timeout_ms / 1000),
                 amp_session_is_encrypted(connection->session) ? "; Secure" : "",
                 is_html ? "Content-Security-Policy: frame-ancestors 'self'\r\n" : "");
    ajam_head(connection, call, 200, "OK", headers.bytes, body.length, &head);
    ajam_send(connection, &head, &body);
    explicit_bzero(key, sizeof key);
    buffer_wipe(&headers);
    buffer_wipe(&head);
    buffer_wipe(&body);
}

static void ajam_send_error(struct connection *connection, struct amp_bytes id, const char *message)
{
    struct buffer text = {0};
    buffer_print(&text, "Response: Error\r\n");
    if (id.length > 0)
        buffer_print(&text, "ActionID: %.*s\r\n", (int)id.length, id.bytes);
    buffer_print(&text, "Message: %s\r\n\r\n", message);
    ajam_send_text(connection, buffer_bytes(&text));
    buffer_wipe(&text);
}

// --- what a request asks for ------------------------------------------------------------------------------------

/** The fields that count: of the query, or of a POST's form; of another body none. @return NULL, or what is wrong */
static const char *ajam_read_form(struct request *request, struct form *form)
{
    struct amp_bytes type;
    if (request->method != REQUEST_POST)
        return request->query == NULL ? NULL : form_parse(form, request->query, request->query_length);
    if (!request_find(request, "Content-Type", &type) || !media_is_form(type))
        return NULL;
    return form_parse(form, request->body.bytes, request->body.length);
}

static char *ajam_last_of(const struct form *form, const char *name)
{
    for (unsigned i = form->count; i > 0; i--) {
        struct amp_bytes value = form->fields[i - 1].value;
        if (text_is(form->fields[i - 1].name, name))
            return value.length == 0 ? NULL : text_copy(value);
    }
    return NULL;
}

/** Does the request only read, or concern its session alone? A ProxyAction beside an Action is what is executed. */
static bool ajam_only_reads(const struct form *form)
{
    static const char *const own[] = {"Challenge", "WaitEvent", "Logoff", "Ping"};
    struct amp_bytes action;
    bool reads = dispatch_only_reads(form);
    form_find(form, "Action", &action);
    for (size_t i = 0; i < sizeof own / sizeof own[0] && form_count(form, "ProxyAction") == 0; i++)
        reads = reads || text_is(action, own[i]);
    return reads;
}

/** Is it a Login, and nothing else? */
static bool ajam_is_login(const struct form *form)
{
    struct amp_bytes action;
    form_find(form, "Action", &action);
    return text_is(action, "Login") && form_count(form, "ProxyAction") == 0;
}

/** @return false: it was answered with a refusal */
static bool ajam_check_get(struct connection *connection, const struct form *form, enum ajam_need *need)
{
    bool reads = ajam_only_reads(form);
    if (connection->request->method == REQUEST_POST || form->count == 0)
        return true;
    if (settings_get()->allow_get == SETTINGS_GET_REFUSED) {
        ajam_page(connection, 403, "Forbidden", "Actions are taken by POST only (allow_get: false)");
        return false;
    }
    if (settings_get()->allow_get == SETTINGS_GET_READS && !reads) {
        ajam_page(connection, 403, "Forbidden", "By GET, actions may only read (allow_get: read)");
        return false;
    }
    if (settings_get()->allow_get == SETTINGS_GET_AUTO && !reads && !ajam_is_login(form))
        *need = AJAM_NEEDS_LOGIN;
    return true;
}

static void ajam_write_request(const struct form *form, enum ajam_need need, struct buffer *out)
{
    char first = (char)need;
    buffer_add(out, &first, 1);
    for (unsigned i = 0; i < form->count; i++) {
        const struct form_field *field = &form->fields[i];
        if (text_is(field->name, "ajaxdest") || text_is(field->name, "ajaxobjtype"))
            continue; // they are for us
        buffer_add(out, field->name.bytes, field->name.length);
        buffer_add(out, "", 1);
        buffer_add(out, field->value.bytes, field->value.length);
        buffer_add(out, "", 1);
    }
}

/** May an action begin a session? Without one everything else is refused, and nothing is kept. */
static bool ajam_begins(const struct connection *connection, const struct form *form)
{
    struct amp_bytes action;
    bool is_open = amp_session_is_authenticated(connection->session) && !connection->identified; // nobody logs in
    form_find(form, "Action", &action);
    return text_is(action, "Login") || text_is(action, "Challenge") || form_count(form, "ProxyKey") > 0 ||
           (is_open && form->count > 0);
}

/** Opens a session and passes it the request. @return NULL, or why not */
static const char *ajam_begin_session(struct connection *connection, struct amp_bytes request)
{
    const struct amp_key *key = &connection->ajam->key;
    switch (amp_session_open_detached(connection->session, key, settings_get()->ajam.sessions)) {
    case AMP_OPENED:
        return amp_session_request(connection->session, key, request) ? NULL : DENIED;
    case AMP_OPENED_FULL:
        amp_session_warn(connection->session, "there are as many AJAM sessions as `ajam.sessions` allows");
        return "Too many AJAM sessions, please try again later";
    case AMP_OPENED_NOT:
        break;
    }
    return "Too many sessions, please try again later";
}

/** The session has the request: what else is known of it is let go of. */
static void ajam_wait(struct connection *connection, bool is_wait)
{
    request_destroy(connection->request);
    connection->request = NULL;
    connection->state = CONNECTION_AJAM;
    // WaitEvent ends in time: the session sees to it
    amp_session_set_timer(connection->session, is_wait ? 0 : settings_get()->max_wait_ms);
}

static void ajam_pass_on(struct connection *connection, const struct form *form, enum ajam_need need)
{
    struct ajam_call *call = connection->ajam;
    struct buffer request = {0};
    struct amp_bytes action;
    const char *refusal = NULL;
    bool has_key = ajam_key_find(connection->request, &call->key);
    form_find(form, "Action", &action);
    ajam_write_request(form, need, &request);
    if (!has_key || !amp_session_request(connection->session, &call->key, buffer_bytes(&request))) {
        if (!ajam_key_create(&call->key))
            refusal = "There is no randomness for a session";
        else if (!ajam_begins(connection, form))
            refusal = action.length == 0 && form_count(form, "ProxyAction") == 0 ? NO_ACTION_TEXT : DENIED;
        else
            refusal = ajam_begin_session(connection, buffer_bytes(&request));
    }
    buffer_wipe(&request);
    if (refusal != NULL)
        ajam_send_error(connection, form->id, refusal);
    else
        ajam_wait(connection, text_is(action, "WaitEvent"));
}

static void ajam_dispatch(struct connection *connection, struct form *form)
{
    enum ajam_need need = AJAM_NEEDS_NOTHING;
    const char *fault = ajam_read_form(connection->request, form);
    if (fault == NULL)
        fault = form_check_action(form);
    if (fault != NULL) {
        ajam_page(connection, 400, "Bad Request", fault);
        return;
    }
    connection->ajam->dest = ajam_last_of(form, "ajaxdest");
    connection->ajam->object = ajam_last_of(form, "ajaxobjtype");
    if (ajam_check_get(connection, form, &need))
        ajam_pass_on(connection, form, need);
}

// --- from the connection ----------------------------------------------------------------------------------------

bool ajam_admit(struct connection *connection)
{
    const struct request *request = connection->request;
    struct ajam_path path;
    if (!ajam_is_for(request, &path) || (request->content_length <= MOST_BYTES && request->body.length <= MOST_BYTES))
        return true;
    connection->keep = false;
    ajam_page(connection, 413, "Request Entity Too Large", "Body too large");
    return false;
}

bool ajam_refuse_method(struct connection *connection)
{
    struct ajam_path path;
    if (!ajam_is_for(connection->request, &path))
        return false;
    ajam_page(connection, 501, "Not Implemented", "Attempt to use unimplemented / unsupported method");
    return true;
}

bool ajam_serve(struct connection *connection)
{
    const struct request *request = connection->request;
    struct ajam_path path;
    if (!ajam_is_for(request, &path))
        return false;
    if (!ajam_admit(connection)) // chunks
        return true;
    struct form *form = calloc(1, sizeof *form);
    connection->ajam = calloc(1, sizeof *connection->ajam);
    if (form == NULL || connection->ajam == NULL) {
        ajam_page(connection, 500, "Server Error", "Out of memory");
    } else {
        connection->ajam->path = path;
        connection->ajam->is_head = request->method == REQUEST_HEAD;
        connection->ajam->is_old = request->parser.http_minor == 0;
        ajam_dispatch(connection, form);
    }
    free(form);
    return true;
}

void ajam_answer(struct connection *connection, struct amp_bytes answer)
{
    if (connection->state != CONNECTION_AJAM)
        return;
    if (answer.length == 0) { // it is gone: as if it had not been there
        ajam_key_create(&connection->ajam->key);
        ajam_send_error(connection, (struct amp_bytes){0}, DENIED);
    } else if (answer.bytes[0] == AJAM_REFUSES) {
        ajam_page(connection, 403, "Forbidden", "Without a login, by GET, actions may only read");
    } else {
        ajam_send_text(connection, (struct amp_bytes){answer.bytes + 1, answer.length - 1});
    }
}

void ajam_give_up(struct connection *connection, int status, const char *reason)
{
    connection->keep = false;
    ajam_page(connection, status, status == 503 ? "Service Unavailable" : "Gateway Timeout", reason);
}
