// plugins/http/response.c: see response.h.
#include "response.h"

#include "exchange.h"
#include "origin.h"
#include "problem.h"
#include "settings.h"

#include <stdio.h>
#include <string.h>

#define METHODS "GET, HEAD, POST, OPTIONS"

static const struct {
    int status;
    const char *text, *extra;
} statuses[] = {
    {200, "OK", NULL},
    {204, "No Content", NULL},
    {304, "Not Modified", NULL},
    {400, "Bad Request", NULL},
    {401, "Unauthorized", NULL}, // see response_challenge()
    {403, "Forbidden", NULL},
    {404, "Not Found", NULL},
    {405, "Method Not Allowed", "Allow: " METHODS "\r\n"},
    {408, "Request Timeout", NULL},
    {411, "Length Required", NULL},
    {413, "Content Too Large", NULL},
    {414, "URI Too Long", NULL},
    {415, "Unsupported Media Type", NULL},
    {417, "Expectation Failed", NULL},
    {426, "Upgrade Required", "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"},
    {429, "Too Many Requests", "Retry-After: 1\r\n"},
    {431, "Request Header Fields Too Large", NULL},
    {500, "Internal Server Error", NULL},
    {501, "Not Implemented", NULL},
    {502, "Bad Gateway", NULL},
    {503, "Service Unavailable", "Retry-After: 5\r\n"},
    {504, "Gateway Timeout", NULL},
    {505, "HTTP Version Not Supported", NULL},
};

const char *response_status_text(int status)
{
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        if (statuses[i].status == status)
            return statuses[i].text;
    }
    return "Unknown";
}

/** Returns the challenge of a 401. Browsers are not offered Basic, as they would keep the credentials and send them for
 *  any page. */
static const char *response_challenge(const struct connection *connection)
{
    static const char both[] = "WWW-Authenticate: Basic realm=\"astmanproxy\", charset=\"UTF-8\"\r\n"
                               "WWW-Authenticate: Bearer realm=\"astmanproxy\"\r\n";
    static const char bearer[] = "WWW-Authenticate: Bearer realm=\"astmanproxy\"\r\n";
    switch (settings_get()->basic_challenge) {
    case SETTINGS_CHALLENGE_ALWAYS:
        return both;
    case SETTINGS_CHALLENGE_NEVER:
        return bearer;
    case SETTINGS_CHALLENGE_AUTO:
        break;
    }
    return connection->request != NULL && origin_is_browser(connection->request) ? bearer : both;
}

const char *response_extra(const struct connection *connection, int status)
{
    if (status == 401)
        return response_challenge(connection);
    if (status == 429 && connection->exchange != NULL && connection->exchange->code != NULL &&
        strcmp(connection->exchange->code, "address-locked") == 0)
        return "Retry-After: 60\r\n"; // failed logins count for a minute
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        if (statuses[i].status == status)
            return statuses[i].extra;
    }
    return NULL;
}

void response_date(time_t time, char text[RESPONSE_DATE_SIZE])
{
    struct tm parts;
    gmtime_r(&time, &parts);
    strftime(text, RESPONSE_DATE_SIZE, "%a, %d %b %Y %H:%M:%S GMT", &parts);
}

void response_type(const struct amp_plugin *format, bool is_list, char *text, size_t size)
{
    bool has_own = is_list && format->list_begin != NULL && format->list_content_type != NULL;
    const char *type = has_own ? format->list_content_type : format->content_type;
    bool is_complete = strchr(type, ';') != NULL || !amp_type_is_text(type);
    snprintf(text, size, "%s%s", type, is_complete ? "" : "; charset=utf-8");
}

static bool is_old(const struct connection *connection)
{
    return connection->request != NULL && connection->request->parser.http_minor == 0;
}

static void print_framing(struct connection *connection, const struct response *response, struct buffer *head)
{
    switch (response->framing) {
    case RESPONSE_LENGTH:
        if (response->status != 204 && response->status != 304)
            buffer_print(head, "Content-Length: %zu\r\n", response->length);
        break;
    case RESPONSE_CHUNKED:
        if (is_old(connection))
            connection->keep = false;
        else
            buffer_print(head, "Transfer-Encoding: chunked\r\n");
        break;
    case RESPONSE_UNTIL_END:
        connection->keep = false;
        break;
    }
}

void response_head(struct connection *connection, const struct response *response)
{
    struct buffer head = {0};
    char date[RESPONSE_DATE_SIZE];
    response_date(time(NULL), date);
    buffer_print(&head, "HTTP/1.1 %d %s\r\nDate: %s\r\nServer: astmanproxy\r\n", response->status,
                 response_status_text(response->status), date);
    if (response->type != NULL)
        buffer_print(&head, "Content-Type: %s\r\n", response->type);
    print_framing(connection, response, &head);
    buffer_print(&head, "Cache-Control: %s\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n",
                 response->cache != NULL ? response->cache : "no-store");
    if (connection->origin != NULL)
        buffer_print(&head, "Access-Control-Allow-Origin: %s\r\nVary: Origin\r\n", connection->origin);
    if (response->extra != NULL)
        buffer_print(&head, "%s", response->extra);
    if (!connection->keep)
        buffer_print(&head, "Connection: close\r\n");
    else if (is_old(connection))
        buffer_print(&head, "Connection: keep-alive\r\n");
    buffer_print(&head, "\r\n");
    amp_session_write(connection->session, head.bytes, head.length);
    buffer_wipe(&head);
}

void response_send(struct connection *connection, const struct response *response, struct amp_bytes body)
{
    bool is_head = connection->request != NULL && connection->request->method == REQUEST_HEAD;
    response_head(connection, response);
    if (!is_head && body.length > 0)
        amp_session_write(connection->session, body.bytes, body.length);
    connection_answered(connection);
}

/** Writes the body of an Error as AMI text. */
static void put_error_text(struct buffer *body, const char *message, struct amp_bytes id)
{
    buffer_print(body, "Response: Error\r\n");
    if (id.length > 0) {
        buffer_print(body, "ActionID: ");
        buffer_add(body, id.bytes, id.length); // without line ends, as the form was checked
        buffer_print(body, "\r\n");
    }
    buffer_print(body, "Message: %s\r\n\r\n", message);
}

void response_error(struct connection *connection, int status, const char *message, const char *extra)
{
    struct buffer body = {0};
    struct amp_bytes id = connection->exchange == NULL ? (struct amp_bytes){0} : connection->exchange->form.id;
    bool is_problem = problem_is_wanted(connection);
    if (is_problem)
        problem_of_text(&body, status, message, id);
    else
        put_error_text(&body, message, id);
    response_send(connection,
                  &(struct response){.status = status,
                                     .type = is_problem ? PROBLEM_CONTENT : "text/plain; charset=utf-8",
                                     .extra = extra != NULL ? extra : response_extra(connection, status),
                                     .length = body.length},
                  buffer_bytes(&body));
    buffer_wipe(&body);
}

void response_chunk(struct connection *connection, struct amp_bytes bytes)
{
    char line[24];
    if (bytes.length == 0)
        return;
    if (is_old(connection)) {
        amp_session_write(connection->session, bytes.bytes, bytes.length);
        return;
    }
    int length = snprintf(line, sizeof line, "%zx\r\n", bytes.length);
    amp_session_write(connection->session, line, (size_t)length);
    amp_session_write(connection->session, bytes.bytes, bytes.length);
    amp_session_write(connection->session, "\r\n", 2);
}

void response_chunk_end(struct connection *connection)
{
    if (!is_old(connection))
        amp_session_write(connection->session, "0\r\n\r\n", 5);
}
