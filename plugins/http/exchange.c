// plugins/http/exchange.c: see exchange.h. An answer may come during the call that passes an action to the program. The
// next step is then taken after that call, not during it.
#include "exchange.h"

#include "answer.h"
#include "contracts.h"
#include "document.h"
#include "events.h"
#include "response.h"
#include "websocket.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

static void exchange_step(struct connection *connection);

static void add_header(struct connection *connection, const char *name, struct amp_bytes value)
{
    amp_input_header(amp_session_input(connection->session), text_of(name), value);
}

/** Checks that the request holds one action, and names it once: what a path, a log or `allow_get` has seen must be what
 *  is executed. @return NULL, or what is wrong */
static const char *find_fault(const struct connection *connection, uint32_t held)
{
    uint32_t names = amp_session_held_headers(connection->session, "Action") +
                     amp_session_held_headers(connection->session, "ProxyAction");
    if (held == 0)
        return "The body holds no action, or not one in the format of its Content-Type";
    if (held == 1 && names > 1 && connection->exchange->named.length > 0)
        return "The path names the action: no Action or ProxyAction beside it, please";
    return held > 1 || names > 1 ? "One action in a request, please" : NULL;
}

/** Sends the one action of the request. @return false: there is none, or there are several: the answer is 400 */
static bool exchange_release(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    uint32_t held = amp_session_held(connection->session);
    const char *fault = find_fault(connection, held);
    if (fault != NULL) {
        amp_session_release(connection->session, false);
        connection->keep = connection->keep && held > 0; // after an invalid body the connection ends
        response_error(connection, 400, fault, NULL);
        return false;
    }
    exchange->waiting = true;
    exchange->handing = true;
    connection->dirty = true;
    amp_session_release(connection->session, true);
    if (connection->exchange == exchange)
        exchange->handing = false;
    return connection->exchange == exchange;
}

// --- login ------------------------------------------------------------------------------------------------------

/** Is the session logged in with the credentials of the request? If it is logged in otherwise, it is logged out. */
static bool is_known(struct connection *connection, const unsigned char *identity)
{
    if (identity != NULL && connection->identified && amp_session_is_authenticated(connection->session) &&
        CRYPTO_memcmp(connection->identity, identity, CREDENTIALS_DIGEST) == 0)
        return true;
    if (connection->dirty)
        amp_session_log_out(connection->session);
    connection->dirty = false;
    connection->identified = false;
    return false;
}

static void log_in(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    unsigned char identity[CREDENTIALS_DIGEST];
    exchange->stage = EXCHANGE_ASK;
    if (!exchange->has_credentials) {
        is_known(connection, NULL);
        return;
    }
    credentials_digest(&exchange->credentials, identity);
    if (is_known(connection, identity))
        return;
    memcpy(connection->identity, identity, sizeof identity);
    exchange->stage = EXCHANGE_LOGIN;
    amp_session_hold(connection->session);
    add_header(connection, "Action", text_of("Login"));
    if (exchange->form.id.length > 0)
        add_header(connection, "ActionID", exchange->form.id); // an Error to the login answers the client's action
    if (exchange->credentials.name.length > 0)                 // a token names its user
        add_header(connection, "Username", exchange->credentials.name);
    add_header(connection, "Secret", exchange->credentials.secret);
    amp_input_end(amp_session_input(connection->session));
    exchange_release(connection);
}

// --- the action -------------------------------------------------------------------------------------------------

/** Has the body no header beside the action that the path names? In JSON this is an empty object. */
static bool is_empty_object(const struct exchange *exchange, struct amp_bytes body)
{
    body = text_trim(body);
    if (exchange->named.length == 0 || strcmp(exchange->body_format->name, "json") != 0 || body.length < 2 ||
        body.bytes[0] != '{' || body.bytes[body.length - 1] != '}')
        return false;
    for (size_t i = 1; i < body.length - 1; i++) { // no strspn(): the body has no NUL behind it
        if (strchr(" \t\r\n", body.bytes[i]) == NULL || body.bytes[i] == '\0')
            return false;
    }
    return true;
}

static void ask_action(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    struct amp_input *input = amp_session_input(connection->session);
    if (exchange->named.length > 0)
        add_header(connection, exchange->is_proxy_action ? "ProxyAction" : "Action", exchange->named);
    for (unsigned i = 0; i < exchange->form.count; i++)
        amp_input_header(input, exchange->form.fields[i].name, exchange->form.fields[i].value);
    if (exchange->body_format != NULL && !is_empty_object(exchange, buffer_bytes(&connection->request->body)))
        document_read(connection->session, exchange->body_format, buffer_bytes(&connection->request->body));
    else
        amp_input_end(input);
}

/** Sends the action that a stream needs before it opens: for its event mask or a ProxyKey. @return
 *  false: it needs none */
static bool ask_feed(struct connection *connection)
{
    const struct form *form = &connection->exchange->form;
    struct amp_bytes events, key;
    bool has_key = form_find(form, "ProxyKey", &key);
    bool has_mask = form_find(form, "events", &events);
    if (!has_key && !(has_mask && amp_session_is_authenticated(connection->session)))
        return false;
    if (has_mask) {
        add_header(connection, "Action", text_of("Events"));
        add_header(connection, "EventMask", events);
    }
    if (has_key)
        add_header(connection, "ProxyKey", key);
    amp_input_end(amp_session_input(connection->session));
    return true;
}

static void exchange_ask(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    bool is_action = exchange->purpose == EXCHANGE_ACTION;
    if (exchange->needs_login && !connection->identified && amp_session_is_authenticated(connection->session)) {
        response_error(connection, 403, "Without a login, by GET, actions may only read (allow_get: true is for all)",
                       NULL);
        return;
    }
    exchange->stage = EXCHANGE_ANSWER;
    amp_session_hold(connection->session);
    if (is_action) {
        ask_action(connection);
        amp_session_listen(connection->session, exchange->until.length > 0);
    } else if (!ask_feed(connection)) {
        amp_session_release(connection->session, false);
        exchange->stage = EXCHANGE_OPEN;
        return;
    }
    exchange_release(connection);
}

static void open_feed(struct connection *connection)
{
    enum exchange_purpose purpose = connection->exchange->purpose;
    if (purpose == EXCHANGE_SOCKET)
        websocket_open(connection);
    else if (amp_session_is_authenticated(connection->session) && purpose == EXCHANGE_CONTRACT)
        contracts_answer(connection);
    else if (amp_session_is_authenticated(connection->session))
        events_open(connection);
    else
        response_error(connection, 401, "Authentication is required", NULL);
}

// --- steps ------------------------------------------------------------------------------------------------------

static bool is_ready(const struct connection *connection)
{
    const struct exchange *exchange = connection->exchange;
    return connection->state == CONNECTION_ANSWERING && exchange != NULL && !exchange->waiting && !exchange->handing;
}

/** Takes steps until an answer must be waited for. */
static void exchange_step(struct connection *connection)
{
    while (is_ready(connection)) {
        switch (connection->exchange->stage) {
        case EXCHANGE_LOGIN:
            log_in(connection);
            break;
        case EXCHANGE_ASK:
            exchange_ask(connection);
            break;
        case EXCHANGE_ANSWER:
            connection->exchange->stage = EXCHANGE_OPEN;
            break;
        case EXCHANGE_OPEN:
            open_feed(connection);
            return;
        }
    }
}

void exchange_begin(struct connection *connection)
{
    connection->state = CONNECTION_ANSWERING;
    exchange_step(connection);
}

void exchange_destroy(struct exchange *exchange)
{
    if (exchange == NULL)
        return;
    credentials_fini(&exchange->credentials);
    buffer_wipe(&exchange->body);
    buffer_wipe(&exchange->problem);
    free(exchange);
}

/** Handles an answer to the login, or to the action before a stream. */
static void on_preparation(struct connection *connection, const struct amp_message *message,
                           const struct amp_delivery *delivery)
{
    struct exchange *exchange = connection->exchange;
    if (delivery->kind != AMP_DELIVERY_ANSWER || !exchange->waiting)
        return;
    if (answer_is_error(message, delivery)) {
        answer_add(connection, message, delivery);
        answer_finish(connection);
        return;
    }
    if (!delivery->final)
        return;
    exchange->waiting = false;
    if (exchange->stage == EXCHANGE_LOGIN) {
        connection->identified = true;
        exchange->stage = EXCHANGE_ASK;
    }
    if (!exchange->handing)
        exchange_step(connection);
}

void exchange_message(struct connection *connection, const struct amp_message *message,
                      const struct amp_delivery *delivery)
{
    struct exchange *exchange = connection->exchange;
    bool is_preparation = exchange->stage == EXCHANGE_LOGIN || exchange->purpose != EXCHANGE_ACTION;
    if (is_preparation) {
        on_preparation(connection, message, delivery);
        return;
    }
    bool is_answer = delivery->kind == AMP_DELIVERY_ANSWER;
    bool is_event = delivery->kind == AMP_DELIVERY_LATE || delivery->kind == AMP_DELIVERY_EVENT;
    if (!exchange->waiting || (!is_answer && !(is_event && exchange->until.length > 0)))
        return;
    answer_add(connection, message, delivery);
    if (is_answer && delivery->final)
        exchange->answered = true;
    if (answer_is_complete(connection, message, delivery))
        answer_finish(connection);
}

void exchange_expire(struct connection *connection)
{
    struct exchange *exchange = connection->exchange;
    if (!exchange->answered)
        connection->keep = false; // a late answer would be taken for that of the next request
    if (exchange->count == 0)
        response_error(connection, 504, "No answer in time: the action may have been executed", NULL);
    else
        answer_finish(connection);
}
