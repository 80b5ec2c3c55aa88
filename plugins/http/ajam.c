// plugins/http/ajam.c: see ajam.h. A request is small while it waits: its head, its fields and its parser are let go.
#include "ajam.h"

#include "ajam_digest.h"
#include "ajam_error.h"
#include "ajam_key.h"
#include "ajam_response.h"
#include "ajam_session.h"
#include "dispatch.h"
#include "media.h"

#include <stdlib.h>
#include <string.h>

#define MOST_BYTES 40960 // of a body (Asterisk main/http.c: MAX_CONTENT_LENGTH)

static bool ajam_is_for(const struct request *request, struct ajam_path *path)
{
    const struct settings_ajam *settings = &settings_get()->ajam;
    struct amp_bytes target = {request->path, request->path_length};
    return settings->on && request->path != NULL && ajam_path_find(target, settings->prefix, path) &&
           (!path->digest || settings->digest);
}

// --- what a request asks for ------------------------------------------------------------------------------------

/** Reads the fields: those of the query, or of a POST those of its form; another body has none. @return NULL, or what
 * is wrong */
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

/** Checks whether the action may come by GET. @param need  set to AJAM_NEEDS_LOGIN if only a session that has logged in
 *  may send it @return false: the request was refused */
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

static void ajam_write_request(const struct ajam_call *call, const struct form *form, enum ajam_need need,
                               struct buffer *out)
{
    char first = (char)(call->path.digest ? AJAM_NEEDS_DIGEST : need);
    buffer_add(out, &first, 1);
    buffer_add(out, call->digest.bytes, call->digest.length);
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
        return amp_session_request(connection->session, key, request) ? NULL : AJAM_DENIED;
    case AMP_OPENED_FULL:
        amp_session_warn(connection->session, "there are as many AJAM sessions as `ajam.sessions` allows");
        return "Too many AJAM sessions, please try again later";
    case AMP_OPENED_NOT:
        break;
    }
    return "Too many sessions, please try again later";
}

/** Waits for the session's answer. Frees the request, which the session has. */
static void ajam_wait(struct connection *connection, bool is_wait)
{
    request_destroy(connection->request);
    connection->request = NULL;
    connection->state = CONNECTION_AJAM;
    // the session itself limits a WaitEvent
    amp_session_set_timer(connection->session, is_wait ? 0 : settings_get()->max_wait_ms);
}

/** Begins the session of a digest, which its first nonce can do once. @return NULL, or why not; "": the nonce is stale
 */
static const char *ajam_begin_digest(struct connection *connection, struct amp_bytes request)
{
    const struct ajam_call *call = connection->ajam;
    if (call->nonce.turn > 0 || !ajam_nonce_is_fresh(&call->nonce))
        return "";
    if (!ajam_nonce_use(&call->nonce)) // another connection was a moment earlier, or the session has ended
        return amp_session_request(connection->session, &call->key, request) ? NULL : "";
    return ajam_begin_session(connection, request);
}

/** Passes the request to its session, or to a new one. @return NULL, or why not; "": the nonce is stale */
static const char *ajam_find_session(struct connection *connection, const struct form *form, struct amp_bytes request)
{
    struct ajam_call *call = connection->ajam;
    struct amp_bytes action;
    bool has_key = call->path.digest || ajam_key_find(connection->request, &call->key);
    if (has_key && amp_session_request(connection->session, &call->key, request))
        return NULL;
    if (call->path.digest)
        return ajam_begin_digest(connection, request);
    if (!ajam_key_create(&call->key))
        return "There is no randomness for a session";
    if (ajam_begins(connection, form))
        return ajam_begin_session(connection, request);
    form_find(form, "Action", &action);
    return action.length == 0 && form_count(form, "ProxyAction") == 0 ? AJAM_NO_ACTION : AJAM_DENIED;
}

static void ajam_pass_on(struct connection *connection, const struct form *form, enum ajam_need need)
{
    struct buffer request = {0};
    struct amp_bytes action;
    form_find(form, "Action", &action);
    ajam_write_request(connection->ajam, form, need, &request);
    const char *refusal = ajam_find_session(connection, form, buffer_bytes(&request));
    buffer_wipe(&request);
    if (refusal != NULL && refusal[0] == '\0')
        ajam_challenge(connection, NULL, true);
    else if (refusal != NULL)
        ajam_send_error(connection, form->id, refusal);
    else
        ajam_wait(connection, text_is(action, "WaitEvent"));
}

static void ajam_dispatch(struct connection *connection, struct form *form)
{
    enum ajam_need need = AJAM_NEEDS_NOTHING;
    const char *fault = ajam_read_form(connection->request, form);
    form_remove_empty(form, "Action"); // the page of /manager has two fields of that name
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

bool ajam_refuse_path(struct connection *connection)
{
    const struct settings_ajam *settings = &settings_get()->ajam;
    const struct request *request = connection->request;
    size_t length = strlen(settings->prefix);
    if (!settings->on || request->path_length <= length || request->path[length] != '/' ||
        strncasecmp(request->path, settings->prefix, length) != 0)
        return false;
    ajam_page(connection, 404, "Not Found", "The requested URL was not found on this server.");
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
        if (!path.digest || ajam_digest_authenticate(connection))
            ajam_dispatch(connection, form);
    }
    free(form);
    return true;
}

void ajam_answer(struct connection *connection, struct amp_bytes answer)
{
    if (connection->state != CONNECTION_AJAM)
        return;
    if (answer.length == 0) { // the session has ended: the answer is as for one that never was
        ajam_key_create(&connection->ajam->key);
        ajam_send_error(connection, (struct amp_bytes){0}, AJAM_DENIED);
    } else if (answer.bytes[0] == AJAM_CHALLENGES) {
        char nonce[AJAM_NONCE_DIGITS + 1] = "";
        if (answer.length == sizeof nonce)
            memcpy(nonce, answer.bytes + 1, sizeof nonce - 1);
        ajam_challenge(connection, nonce[0] == '\0' ? NULL : nonce, nonce[0] != '\0');
    } else if (answer.bytes[0] == AJAM_REFUSES) {
        ajam_page(connection, 403, "Forbidden", "Without a login, by GET, actions may only read");
    } else {
        ajam_send_text(connection, (struct amp_bytes){answer.bytes + 1, answer.length - 1});
    }
}

void ajam_expire(struct connection *connection)
{
    if (connection->ajam->refused)
        ajam_challenge(connection, NULL, false);
    else
        ajam_give_up(connection, 504, "No answer in time: the action may have been executed");
}

void ajam_give_up(struct connection *connection, int status, const char *reason)
{
    connection->keep = false;
    ajam_page(connection, status, status == 503 ? "Service Unavailable" : "Gateway Timeout", reason);
}
