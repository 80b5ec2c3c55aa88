// tests/unit/plugins/http_session.h: the http plugin with a fake session: it records and answers the plugin's actions,
// and keeps what the plugin writes. For unit tests and fuzz targets. A violated contract ends the program.
#ifndef TESTS_HTTP_SESSION_H
#define TESTS_HTTP_SESSION_H

#include "tests/unit/plugins/http_sources.h"

#include "base/memory.h"
#include "plugin/host.h"
#ifndef HTTP_SESSION_DETACHED // who defines it has such sessions, and their functions
#include "tests/unit/plugins/http_detached.h"
#endif

struct amp_session {
    void *state;
    struct buffer written; // to the client
    struct buffer actions; // judged ones: `<Name=value;…>`, `!` in front of the end of one that was rejected
    struct buffer unread;  // what the plugin left
    struct amp_input input;
    struct message *held[64];
    const char *rejected[64];
    uint32_t held_count;
    bool holding, required, authenticated, listening, finished, encrypted;
    uint64_t timer_ms;
    unsigned logins, logouts;
    amp_frame *frame;
    amp_id_frame *id_frame; // of the stream with ids that was asked for last
    struct amp_output scratch;
};

static inline void http_session_require(bool fact)
{
    if (!fact)
        abort();
}

// --- a format: lines of `Name: value`, a blank line behind them -------------------------------------------------

static inline void http_session_encode(const struct amp_message *message, struct amp_output *out)
{
    struct amp_bytes text = amp_message_text(message);
    amp_output_write(out, text.bytes, text.length);
}

static inline void http_session_line(struct amp_bytes line, struct amp_input *input)
{
    const char *colon = line.length == 0 ? NULL : memchr(line.bytes, ':', line.length);
    if (line.length == 0)
        amp_input_end(input);
    else if (colon == NULL)
        amp_input_reject(input, "no colon");
    else
        amp_input_header(input, (struct amp_bytes){line.bytes, (size_t)(colon - line.bytes)},
                         text_trim((struct amp_bytes){colon + 1, (size_t)(line.bytes + line.length - colon - 1)}));
}

static inline size_t http_session_decode(void *decoder, const char *bytes, size_t length, struct amp_input *input)
{
    (void)decoder;
    size_t used = 0;
    const char *end;
    while (used < length && (end = memchr(bytes + used, '\n', length - used)) != NULL) {
        http_session_line((struct amp_bytes){bytes + used, (size_t)(end - bytes - used)}, input);
        used = (size_t)(end - bytes) + 1;
    }
    return used;
}

static inline void http_session_decode_rest(void *decoder, const char *bytes, size_t length, struct amp_input *input)
{
    (void)decoder;
    if (length > 0)
        http_session_line((struct amp_bytes){bytes, length}, input);
    amp_input_end(input);
}

static const struct amp_plugin http_session_format = {
    .size = sizeof(struct amp_plugin),
    .abi_minor = AMP_ABI_MINOR,
    .name = "standard",
    .capabilities = AMP_CAN_ENCODE | AMP_CAN_DECODE,
    .content_type = "text/plain",
    .encode = http_session_encode,
    .decode = http_session_decode,
    .finish = http_session_decode_rest,
};

static const struct amp_plugin http_session_json = {
    .size = sizeof(struct amp_plugin),
    .abi_minor = AMP_ABI_MINOR,
    .name = "lines",
    .capabilities = AMP_CAN_ENCODE | AMP_CAN_DECODE,
    .content_type = "application/json",
    .encode = http_session_encode,
    .decode = http_session_decode,
    .finish = http_session_decode_rest,
    .list_begin = "[",
    .list_between = ",",
    .list_end = "]",
};

// --- what happens to actions ------------------------------------------------------------------------------------

/** Gives the plugin a message: `Name: value` lines in `text`, LF between them. */
static inline void http_session_give(struct amp_session *session, const char *text, enum amp_delivery_kind kind,
                                     bool final, enum amp_reason reason)
{
    struct message_builder builder;
    struct amp_bytes rest = text_of(text);
    struct amp_bytes line;
    struct amp_delivery delivery = {sizeof delivery, kind, final, reason};
    message_builder_init(&builder);
    while (text_next(&rest, '\n', &line)) {
        const char *colon = memchr(line.bytes, ':', line.length);
        message_add(&builder, (struct span){line.bytes, (size_t)(colon - line.bytes)},
                    (struct span){colon + 2, (size_t)(line.bytes + line.length - colon - 2)});
    }
    struct message *message = message_build(&builder);
    message_builder_fini(&builder);
    amp_plugin_v1.protocol->message(session->state, amp_message_of(message), &delivery);
    message_unref(message);
}

static inline bool http_session_has(const struct message *message, const char *name, const char *value)
{
    struct amp_bytes found;
    return amp_message_find(amp_message_of(message), name, &found) && text_is(found, value);
}

static inline void http_session_log_in(struct amp_session *session, const struct message *action)
{
    bool right = http_session_has(action, "Username", "dave") && http_session_has(action, "Secret", "secret");
    session->logins++;
    http_session_give(session, right ? "Response: Success" : "Response: Error\nMessage: Authentication failed",
                      AMP_DELIVERY_ANSWER, true, right ? AMP_REASON_NONE : AMP_REASON_UNKNOWN_USER);
    session->authenticated = right || !session->required; // only then, as in the program
}

static inline void http_session_judge(struct amp_session *session, const struct message *action, const char *rejected)
{
    struct amp_bytes name;
    if (session->frame != NULL)
        return; // answers do not come to message() any more
    amp_message_find(amp_message_of(action), "Action", &name);
    if (rejected != NULL)
        http_session_give(session, "Response: Error\nMessage: rejected", AMP_DELIVERY_ANSWER, true, AMP_REASON_INVALID);
    else if (text_is(name, "Login"))
        http_session_log_in(session, action);
    else if (!session->authenticated)
        http_session_give(session, "Response: Error\nMessage: Permission denied", AMP_DELIVERY_ANSWER, true,
                          AMP_REASON_NOT_LOGGED_IN);
    else if (text_is(name, "List")) {
        http_session_give(session, "Response: Success", AMP_DELIVERY_ANSWER, false, AMP_REASON_NONE);
        http_session_give(session, "Event: Item", AMP_DELIVERY_ANSWER, false, AMP_REASON_NONE);
        http_session_give(session, "Event: ListComplete", AMP_DELIVERY_ANSWER, true, AMP_REASON_NONE);
    } else if (!text_is(name, "Wait"))
        http_session_give(session, "Response: Success\nPing: Pong", AMP_DELIVERY_ANSWER, true, AMP_REASON_NONE);
}

static inline bool http_session_take(void *context, struct message *message, const char *rejected)
{
    struct amp_session *session = context;
    if (session->holding && session->held_count < 64) {
        session->held[session->held_count] = message;
        session->rejected[session->held_count++] = rejected;
        return true;
    }
    http_session_require(!session->holding);
    buffer_print(&session->actions, "<");
    for (uint32_t i = 0; i < message->header_count; i++) {
        struct span name, value;
        message_header(message, i, &name, &value);
        http_session_require(!text_has_line_end((struct amp_bytes){name.bytes, name.length}) &&
                             !text_has_line_end((struct amp_bytes){value.bytes, value.length}));
        buffer_print(&session->actions, "%.*s=%.*s;", (int)name.length, name.bytes, (int)value.length, value.bytes);
    }
    buffer_print(&session->actions, rejected != NULL ? "!>" : ">");
    http_session_judge(session, message, rejected);
    message_unref(message);
    return true;
}

// --- the functions of the program -------------------------------------------------------------------------------

struct amp_input *amp_session_input(struct amp_session *session)
{
    return &session->input;
}

void amp_session_hold(struct amp_session *session)
{
    session->holding = true;
}

uint32_t amp_session_held(const struct amp_session *session)
{
    return session->held_count;
}

uint32_t amp_session_held_headers(const struct amp_session *session, const char *name)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < session->held_count; i++)
        count += message_find(session->held[i], name, &(struct span){0});
    return count;
}

void amp_session_release(struct amp_session *session, bool judge)
{
    uint32_t count = session->held_count;
    session->holding = false;
    session->held_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (judge)
            http_session_take(session, session->held[i], session->rejected[i]);
        else
            message_unref(session->held[i]);
    }
}

struct amp_bytes amp_session_encode(struct amp_session *session, const struct amp_plugin *format,
                                    const struct amp_message *message)
{
    session->scratch.length = 0;
    format->encode(message, &session->scratch);
    return (struct amp_bytes){session->scratch.bytes, session->scratch.length};
}

void amp_session_write(struct amp_session *session, const char *bytes, size_t length)
{
    buffer_add(&session->written, bytes, length);
}

void amp_session_finish(struct amp_session *session)
{
    session->finished = true;
}

void amp_session_set_timer(struct amp_session *session, uint64_t ms)
{
    session->timer_ms = ms;
}

const struct amp_plugin *amp_session_format(struct amp_session *session, const char *name)
{
    (void)session;
    if (name == NULL || name[0] == '\0' || strcmp(name, "standard") == 0)
        return &http_session_format;
    return strcmp(name, "json") == 0 || strcmp(name, "lines") == 0 ? &http_session_json : NULL;
}

void amp_session_stream(struct amp_session *session, const struct amp_plugin *format, amp_frame *frame)
{
    http_session_require(format != NULL);
    session->frame = frame;
}

bool amp_session_stream_ids(struct amp_session *session, const struct amp_plugin *format, amp_id_frame *frame,
                            bool in_message)
{
    (void)in_message;
    http_session_require(format != NULL);
    session->id_frame = frame;
    return false;
}

void amp_session_resume(struct amp_session *session, struct amp_bytes id)
{
    (void)session;
    (void)id;
}

void amp_session_listen(struct amp_session *session, bool on)
{
    session->listening = on;
}

void amp_session_log_out(struct amp_session *session)
{
    session->logouts++;
    session->authenticated = !session->required;
}

bool amp_session_is_authenticated(const struct amp_session *session)
{
    return session->authenticated;
}

bool amp_session_is_encrypted(const struct amp_session *session)
{
    return session->encrypted;
}

bool amp_session_is_host(const struct amp_session *session, struct amp_bytes host)
{
    (void)session;
    return text_is(host, "localhost") || text_is(host, "127.0.0.1") || text_is(host, "::1");
}

enum amp_report amp_session_report(const struct amp_session *session, const char *name,
                                   void (*write)(void *context, const char *bytes, size_t length), void *context)
{
    (void)session;
    write(context, name, strlen(name));
    write(context, "\n", 1);
    return strcmp(name, "ready") == 0 ? AMP_REPORT_BAD : AMP_REPORT_GOOD;
}

void amp_session_warn(const struct amp_session *session, const char *text)
{
    (void)session;
    (void)text;
}

// --- the client -------------------------------------------------------------------------------------------------

static inline void http_session_init(struct amp_session *session, bool required)
{
    *session = (struct amp_session){.required = required, .authenticated = !required};
    amp_input_init(&session->input, 65536, http_session_take, session);
    session->state = amp_plugin_v1.protocol->open(session);
    http_session_require(session->state != NULL);
}

/** Calls the plugin again as long as it uses bytes. */
static inline void http_session_resume(struct amp_session *session)
{
    while (session->unread.length > 0 && !session->finished && session->input.failed == NULL) {
        char *exact = memory_new(session->unread.length); // so that a read past the end is seen
        memcpy(exact, session->unread.bytes, session->unread.length);
        size_t used = amp_plugin_v1.protocol->input(session->state, exact, session->unread.length);
        free(exact);
        http_session_require(used <= session->unread.length);
        if (used == 0)
            break;
        memmove(session->unread.bytes, session->unread.bytes + used, session->unread.length - used);
        session->unread.length -= used;
    }
    if (session->input.failed != NULL)
        session->finished = true;
}

static inline void http_session_send(struct amp_session *session, const char *bytes, size_t length)
{
    if (session->finished)
        return;
    buffer_add(&session->unread, bytes, length);
    http_session_resume(session);
}

static inline void http_session_expire(struct amp_session *session)
{
    session->timer_ms = 0;
    amp_plugin_v1.protocol->timer(session->state);
    http_session_resume(session);
}

static inline void http_session_fini(struct amp_session *session)
{
    amp_plugin_v1.protocol->close(session->state);
    amp_input_fini(&session->input);
    buffer_wipe(&session->written);
    buffer_wipe(&session->actions);
    buffer_wipe(&session->unread);
    amp_output_fini(&session->scratch);
}

#endif
