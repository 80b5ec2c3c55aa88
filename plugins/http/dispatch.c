// plugins/http/dispatch.c: see dispatch.h.
#include "dispatch.h"

#include "ajam.h"
#include "contracts.h"
#include "exchange.h"
#include "files.h"
#include "forwarded.h"
#include "media.h"
#include "origin.h"
#include "reports.h"
#include "response.h"
#include "websocket.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ACTION_BYTES 80 // longest name of an action in a path

bool dispatch_admit(struct connection *connection)
{
    if (!forwarded_admit(connection))
        return false;
    const char *reason;
    int status = origin_check(connection->request, connection->session, &connection->origin, &reason);
    if (status == 0)
        return true;
    amp_session_warn(connection->session, reason);
    connection->keep = false;
    response_error(connection, status, reason, NULL);
    return false;
}

static void answer_options(struct connection *connection)
{
    const char *allow = "Allow: GET, HEAD, POST, OPTIONS\r\n";
    const char *preflight = "Allow: GET, HEAD, POST, OPTIONS\r\n"
                            "Access-Control-Allow-Methods: GET, POST\r\n"
                            "Access-Control-Allow-Headers: Authorization, Content-Type, X-Maxtime, X-Until-Event\r\n"
                            "Access-Control-Max-Age: 600\r\n";
    response_send(connection,
                  &(struct response){.status = 204, .extra = connection->origin != NULL ? preflight : allow},
                  (struct amp_bytes){0});
}

// --- formats ----------------------------------------------------------------------------------------------------

static const struct amp_plugin *find_encoder(const struct connection *connection, const char *name)
{
    const struct amp_plugin *format = amp_session_format(connection->session, name);
    return format != NULL && (format->capabilities & AMP_CAN_ENCODE) != 0 ? format : NULL;
}

static bool has_encoder(void *context, const char *name)
{
    return find_encoder(context, name) != NULL;
}

/** Reads `?format=`. @return false: there is no such format */
static bool read_format_field(struct connection *connection, struct exchange *exchange)
{
    struct amp_bytes name;
    char text[32];
    if (!form_find(&exchange->form, "format", &name))
        return true;
    form_remove(&exchange->form, "format");
    int length = snprintf(text, sizeof text, "%.*s", (int)(name.length < sizeof text ? name.length : sizeof text),
                          name.length > 0 ? name.bytes : "");
    if (length <= 0 || (size_t)length >= sizeof text)
        return false;
    exchange->format = find_encoder(connection, text);
    return exchange->format != NULL;
}

/** Chooses the format of the answer. @return false: the request was refused */
static bool choose_format(struct connection *connection, struct exchange *exchange)
{
    struct amp_bytes accept;
    if (!read_format_field(connection, exchange)) {
        response_error(connection, 400, "Unknown format", NULL);
        return false;
    }
    if (exchange->format == NULL && exchange->purpose == EXCHANGE_SOCKET)
        exchange->format = websocket_format(connection);
    if (exchange->format == NULL && exchange->purpose != EXCHANGE_ACTION)
        exchange->format = find_encoder(connection, "json");
    if (exchange->format == NULL && request_find(connection->request, "Accept", &accept)) {
        const char *name = media_choose(accept, has_encoder, connection);
        exchange->format = name == NULL ? NULL : find_encoder(connection, name);
    }
    if (exchange->format == NULL && exchange->body_format != NULL)
        exchange->format = find_encoder(connection, exchange->body_format->name); // JSON is answered by JSON
    if (exchange->format == NULL)
        exchange->format = find_encoder(connection, NULL);
    if (exchange->format == NULL ||
        (exchange->purpose == EXCHANGE_SOCKET && websocket_reader(connection, exchange->format) == NULL)) {
        response_error(connection, 400, "No such format for this", NULL);
        return false;
    }
    if (exchange->purpose == EXCHANGE_EVENTS && !amp_type_is_text(exchange->format->content_type)) {
        response_error(connection, 400, "Server-sent events are text: this format is bytes, for /ws", NULL);
        return false;
    }
    return true;
}

// --- actions that the path names ---------------------------------------------------------------------------------

static const struct {
    const char *path;
    bool is_proxy_action;
} named_paths[] = {{"/actions/", false}, {"/proxyactions/", true}};

/** Reads the action's name in the path. @return false: the request was refused */
static bool read_named(struct connection *connection, struct exchange *exchange)
{
    const struct request *request = connection->request;
    for (size_t i = 0; i < sizeof named_paths / sizeof named_paths[0]; i++) {
        size_t length = strlen(named_paths[i].path);
        if (request->path_length >= length && memcmp(request->path, named_paths[i].path, length) == 0) {
            exchange->named = (struct amp_bytes){request->path + length, request->path_length - length};
            exchange->is_proxy_action = named_paths[i].is_proxy_action;
            break;
        }
    }
    if (exchange->named.bytes == NULL)
        return true;
    bool is_name = exchange->named.length > 0 && exchange->named.length <= ACTION_BYTES;
    for (size_t i = 0; is_name && i < exchange->named.length; i++)
        is_name = isalnum((unsigned char)exchange->named.bytes[i]) || strchr("_.-", exchange->named.bytes[i]) != NULL;
    if (is_name && request->method == REQUEST_POST)
        return true;
    if (is_name)
        response_error(connection, 405, "Actions of this path are sent by POST", "Allow: POST, OPTIONS\r\n");
    else
        response_error(connection, 404, "The path names no action: letters, digits, _ . - and at most 80 of them",
                       NULL);
    return false; // the request is gone
}

// --- what the request holds -------------------------------------------------------------------------------------

/** Chooses the format of a body that is not a form. @return 0, or the status of the refusal */
static int choose_body_format(struct connection *connection, struct exchange *exchange)
{
    struct amp_bytes type;
    if (!request_find(connection->request, "Content-Type", &type) || media_is_form(type))
        return 0;
    const char *name = media_format(type);
    exchange->body_format = name == NULL ? NULL : amp_session_format(connection->session, name);
    if (exchange->body_format == NULL || (exchange->body_format->capabilities & AMP_CAN_DECODE) == 0)
        return 415;
    return 0;
}

/** Reads the fields of the query and of a form body. @return false: the request was refused */
static bool read_fields(struct connection *connection, struct exchange *exchange)
{
    struct request *request = connection->request;
    const char *fault =
        request->query == NULL ? NULL : form_parse(&exchange->form, request->query, request->query_length);
    if (request->method == REQUEST_POST) {
        if (fault == NULL && request->body.length > 0 && choose_body_format(connection, exchange) != 0) {
            response_error(connection, 415, "Send a form, JSON, XML, CSV or text/plain", NULL);
            return false;
        }
        const char *of_body = NULL;
        if (exchange->body_format == NULL)
            of_body = form_parse(&exchange->form, request->body.bytes, request->body.length);
        fault = fault == NULL ? of_body : fault;
    }
    if (fault == NULL)
        fault = form_check_action(&exchange->form);
    if (fault != NULL)
        response_error(connection, 400, fault, NULL);
    return fault == NULL;
}

/** Reads the fields that say how long to wait, and for what. @return false: the request was refused */
static bool read_waiting(struct connection *connection, struct exchange *exchange)
{
    struct amp_bytes value;
    uint64_t longest = settings_get()->max_wait_ms;
    uint64_t asked;
    if (request_find(connection->request, "X-Maxtime", &value)) {
        if (!text_number(value, 9, &asked) || asked == 0) {
            response_error(connection, 400, "X-Maxtime is a number of milliseconds", NULL);
            return false;
        }
        longest = asked < longest ? asked : longest;
    }
    if (request_find(connection->request, "X-Until-Event", &value)) {
        if (value.length == 0) {
            response_error(connection, 400, "X-Until-Event is the name of an event", NULL);
            return false;
        }
        exchange->until = value;
    }
    amp_session_set_timer(connection->session, longest);
    return true;
}

/** Takes credentials from the query, which event streams and WebSockets may use: browsers cannot set headers there. */
static void take_query_credentials(struct exchange *exchange)
{
    struct credentials *credentials = &exchange->credentials;
    struct amp_bytes token;
    if (form_find(&exchange->form, "token", &token) && credentials_is_token(token)) {
        credentials->secret = token;
        exchange->has_credentials = true;
    }
    if (!form_find(&exchange->form, "username", &credentials->name) || exchange->has_credentials)
        return;
    form_find(&exchange->form, "secret", &credentials->secret);
    exchange->has_credentials = true;
}

/** Reads the id of the last message that the client of a stream received before it lost its connection. */
static void read_resume(struct connection *connection, struct exchange *exchange)
{
    struct amp_bytes id = {0}, ids;
    bool is_events = exchange->purpose == EXCHANGE_EVENTS;
    if (exchange->purpose == EXCHANGE_ACTION || exchange->purpose == EXCHANGE_CONTRACT)
        return;
    if (!is_events || !request_find(connection->request, "Last-Event-ID", &id))
        form_find(&exchange->form, is_events ? "lastEventId" : "resume", &id);
    exchange->ids = id.length > 0 || (form_find(&exchange->form, "ids", &ids) && text_is(ids, "1"));
    amp_session_resume(connection->session, id);
}

/** Reads the credentials. @return false: the request was refused */
static bool read_credentials(struct connection *connection, struct exchange *exchange)
{
    struct amp_bytes header;
    bool is_broken = false;
    if (request_find(connection->request, "Authorization", &header)) {
        is_broken = request_count(connection->request, "Authorization") > 1 ||
                    credentials_parse(&exchange->credentials, header) != CREDENTIALS_GIVEN;
        exchange->has_credentials = true;
    }
    if (is_broken) {
        response_error(connection, 401, "Authorization is Basic, or Bearer with name:secret", NULL);
        return false;
    }
    if (exchange->purpose != EXCHANGE_ACTION && !exchange->has_credentials)
        take_query_credentials(exchange);
    return true;
}

// --- what may be done -------------------------------------------------------------------------------------------

bool dispatch_only_reads(const struct form *form)
{
    struct amp_bytes action, proxy_action, variables;
    form_find(form, "Action", &action);
    form_find(form, "ProxyAction", &proxy_action);
    form_find(form, "Variables", &variables);
    return variables.length == 0 && (action.length == 0 || amp_action_only_reads(action)) &&
           (proxy_action.length == 0 || amp_action_only_reads(proxy_action));
}

/** Checks whether the action may be sent by GET. @return false: the request was refused */
static bool check_get(struct connection *connection, struct exchange *exchange)
{
    if (settings_get()->allow_get == SETTINGS_GET_REFUSED) {
        response_error(connection, 405, "Actions are taken by POST only (allow_get: false)",
                       "Allow: POST, OPTIONS\r\n");
        return false;
    }
    bool only_reads = dispatch_only_reads(&exchange->form);
    if (settings_get()->allow_get == SETTINGS_GET_READS && !only_reads) {
        response_error(connection, 403, "By GET, actions may only read (allow_get: read)", NULL);
        return false;
    }
    // Any page can make a browser send a GET, by a link or an image. Whether a login is required is known only later.
    exchange->needs_login = settings_get()->allow_get == SETTINGS_GET_AUTO && !only_reads;
    return true;
}

static bool is_path(const struct request *request, const char *path)
{
    return request->path_length == strlen(path) && memcmp(request->path, path, request->path_length) == 0;
}

/** Finds out what the request is for: an action, a stream or a file. @return false: the request was answered */
static bool check_purpose(struct connection *connection, struct exchange *exchange)
{
    struct request *request = connection->request;
    const char *reason;
    struct amp_bytes action;
    bool has_action = form_count(&exchange->form, "Action") + form_count(&exchange->form, "ProxyAction") > 0;
    if (request->method == REQUEST_HEAD && (has_action || is_path(request, "/events") || is_path(request, "/ws"))) {
        response_error(connection, 405, "HEAD is for files",
                       !has_action                                         ? "Allow: GET, OPTIONS\r\n"
                       : settings_get()->allow_get == SETTINGS_GET_REFUSED ? "Allow: POST, OPTIONS\r\n"
                                                                           : "Allow: GET, POST, OPTIONS\r\n");
        return false;
    }
    if (request->method == REQUEST_POST || has_action) {
        if (exchange->named.length > 0)
            action = exchange->named;
        else if (!form_find(&exchange->form, "Action", &action))
            form_find(&exchange->form, "ProxyAction", &action);
        connection->keep = connection->keep && !text_is(action, "Logoff");
        return request->method == REQUEST_POST || check_get(connection, exchange);
    }
    if (is_path(request, "/events")) {
        exchange->purpose = EXCHANGE_EVENTS;
        return true;
    }
    if (contracts_has(request)) {
        exchange->purpose = EXCHANGE_CONTRACT;
        return true;
    }
    if (!is_path(request, "/ws")) {
        files_serve(connection);
        return false;
    }
    exchange->purpose = EXCHANGE_SOCKET;
    int status = websocket_check(request, &reason);
    if (status != 0)
        response_error(connection, status, reason, NULL);
    return status == 0;
}

void dispatch_request(struct connection *connection)
{
    if (connection->request->method == REQUEST_OPTIONS) {
        if (connection->origin != NULL || !ajam_refuse_method(connection))
            answer_options(connection);
        return;
    }
    if (ajam_serve(connection) || reports_serve(connection) || contracts_serve(connection))
        return;
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (exchange == NULL) {
        response_error(connection, 500, "Out of memory", NULL);
        return;
    }
    connection->exchange = exchange; // set first, because a refusal is an answer, too, and ends the exchange
    if (read_named(connection, exchange) && read_fields(connection, exchange) && check_purpose(connection, exchange) &&
        choose_format(connection, exchange) && read_waiting(connection, exchange) &&
        read_credentials(connection, exchange)) {
        read_resume(connection, exchange);
        exchange_begin(connection);
    }
}
