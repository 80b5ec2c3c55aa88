// tests/plugins/wrong_protocol.c: a protocol that does what none may: each line of a client says what. `close-…`: it
// does that while it is being closed.
#include <astmanproxy/plugin.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct state {
    struct amp_session *session;
    char at_close[32];
    int pings; // still to be asked, each from inside the answer to the one before
};

static void ask(struct state *state, const char *action)
{
    struct amp_input *input = amp_session_input(state->session);
    amp_input_header(input, (struct amp_bytes){"Action", 6}, (struct amp_bytes){action, strlen(action)});
    amp_input_end(input);
}

static void write_nothing(void *context, const char *bytes, size_t length)
{
    (void)context;
    (void)bytes;
    (void)length;
}

static void frame(const struct amp_message *message, uint64_t serial, struct amp_bytes encoded, struct amp_output *out)
{
    (void)message;
    (void)serial;
    (void)encoded;
    for (int i = 0; i < 100000; i++)
        amp_output_write(out, "0123456789abcdef0123456789abcdef", 32);
}

/** @return how many bytes it says it used, of `length` */
static size_t act(struct state *state, const char *word, size_t length)
{
    struct amp_session *session = state->session;
    const struct amp_plugin *format = amp_session_format(session, "standard");
    size_t used = length;

    if (strcmp(word, "more") == 0)
        used = length + 1;
    else if (strcmp(word, "most") == 0)
        used = SIZE_MAX;
    else if (strcmp(word, "zero") == 0)
        used = 0;
    else if (strcmp(word, "write-null") == 0)
        amp_session_write(session, NULL, 8);
    else if (strcmp(word, "write-most") == 0)
        amp_session_write(session, word, SIZE_MAX);
    else if (strcmp(word, "encode-null") == 0)
        amp_session_encode(session, NULL, NULL);
    else if (strcmp(word, "stream-null") == 0)
        amp_session_stream(session, NULL, NULL);
    else if (strcmp(word, "stream") == 0)
        amp_session_stream(session, format, NULL);
    else if (strcmp(word, "frame") == 0)
        amp_session_stream(session, format, frame);
    else if (strcmp(word, "timer") == 0)
        amp_session_set_timer(session, UINT64_MAX);
    else if (strcmp(word, "report") == 0)
        amp_session_report(session, NULL, write_nothing, NULL);
    else if (strcmp(word, "report-null") == 0)
        amp_session_report(session, "metrics", NULL, NULL);
    else if (strcmp(word, "warn") == 0)
        amp_session_warn(session, NULL);
    else if (strcmp(word, "host") == 0)
        amp_session_is_host(session, (struct amp_bytes){NULL, 9});
    else if (strcmp(word, "header-null") == 0)
        amp_input_header(amp_session_input(session), (struct amp_bytes){NULL, 4}, (struct amp_bytes){NULL, 4});
    else if (strcmp(word, "fail-null") == 0)
        amp_input_fail(amp_session_input(session), NULL);
    else if (strcmp(word, "release") == 0)
        amp_session_release(session, true);
    else if (strcmp(word, "hold") == 0)
        amp_session_hold(session);
    else if (strcmp(word, "listen") == 0)
        amp_session_listen(session, true);
    else if (strcmp(word, "log-out") == 0)
        amp_session_log_out(session);
    else if (strcmp(word, "ask") == 0)
        ask(state, "Ping");
    else if (strcmp(word, "nested") == 0) {
        state->pings = 50;
        ask(state, "Ping");
    } else if (strcmp(word, "finish") == 0) {
        amp_session_finish(session);
        amp_session_finish(session);
        amp_session_write(session, "after\n", 6);
    } else {
        amp_session_write(session, "fine\n", 5);
    }
    return used;
}

static void *open_state(struct amp_session *session)
{
    struct state *state = calloc(1, sizeof *state);
    if (state != NULL)
        state->session = session;
    return state;
}

static void close_state(void *context)
{
    struct state *state = context;
    if (state->at_close[0] != '\0')
        act(state, state->at_close, 0);
    free(state);
}

static size_t input(void *context, const char *bytes, size_t length)
{
    struct state *state = context;
    const char *end = memchr(bytes, '\n', length);
    char word[32];

    if (end == NULL)
        return 0;
    snprintf(word, sizeof word, "%.*s", (int)(end - bytes), bytes);
    if (strncmp(word, "close-", 6) == 0) {
        snprintf(state->at_close, sizeof state->at_close, "%.20s", word + 6);
        amp_session_write(state->session, "fine\n", 5);
        return (size_t)(end - bytes) + 1;
    }
    size_t used = act(state, word, length);
    return used == length ? (size_t)(end - bytes) + 1 : used;
}

static void end(void *context)
{
    amp_session_finish(((struct state *)context)->session);
}

static void message(void *context, const struct amp_message *answer, const struct amp_delivery *delivery)
{
    struct state *state = context;
    if (delivery->kind != AMP_DELIVERY_ANSWER)
        return;
    struct amp_bytes text = amp_message_text(answer);
    amp_session_write(state->session, text.bytes, text.length);
    if (state->pings > 0 && delivery->final) {
        state->pings--;
        ask(state, "Ping");
    }
}

static void timer(void *context)
{
    (void)context;
}

static const struct amp_protocol protocol = {
    .size = sizeof(struct amp_protocol),
    .open = open_state,
    .close = close_state,
    .input = input,
    .end = end,
    .message = message,
    .timer = timer,
};

AMP_EXPORT const struct amp_plugin amp_plugin_v1 = {
    .size = sizeof(struct amp_plugin),
    .abi_minor = AMP_ABI_MINOR,
    .name = "wrong-protocol",
    .capabilities = AMP_IS_PROTOCOL,
    .protocol = &protocol,
};
