// tests/plugins/subscriber.c: a protocol as STOMP is: each message of the stream bears the id of the client's own
// subscription. Lines of a client: `subscribe ID USER SECRET`, then `ask NAME`. An ID that begins with `bad-` says what
// its own_frame() does wrong.
#include <astmanproxy/plugin.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef SIZE // see subscriber_1_1.c
#define SIZE sizeof(struct amp_protocol)
#define MINOR AMP_ABI_MINOR
#define NAME "subscriber"
#endif

struct client {
    struct amp_session *session;
    char id[32];
    unsigned count; // messages that bore it
};

/** Shared by all: what is the same for every subscription. */
static void frame(const struct amp_message *message, uint64_t serial, struct amp_bytes encoded, struct amp_output *out)
{
    char head[80];
    int length = snprintf(head, sizeof head, "message-id:%" PRIu64 "\ncontent-length:%zu\n\n", serial, encoded.length);
    (void)message;
    amp_output_write(out, head, (size_t)length);
    amp_output_write(out, encoded.bytes, encoded.length);
    amp_output_write(out, "", 1);
}

static void write_much(struct amp_output *out)
{
    static char much[1 << 20];
    for (int i = 0; i < 40; i++)
        amp_output_write(out, much, sizeof much);
}

/** What no own_frame() may do. */
static void misbehave(struct client *client, const struct amp_message *message, struct amp_output *out)
{
    struct amp_input *input = amp_session_input(client->session);
    const struct amp_plugin *format = amp_session_format(client->session, NULL);

    if (strcmp(client->id, "bad-write") == 0)
        amp_session_write(client->session, "x", 1);
    else if (strcmp(client->id, "bad-encode") == 0)
        amp_session_encode(client->session, format, message);
    else if (strcmp(client->id, "bad-stream") == 0)
        amp_session_stream(client->session, format, NULL);
    else if (strcmp(client->id, "bad-finish") == 0)
        amp_session_finish(client->session);
    else if (strcmp(client->id, "bad-logout") == 0)
        amp_session_log_out(client->session);
    else if (strcmp(client->id, "bad-much") == 0)
        write_much(out);
    else if (strcmp(client->id, "bad-null") == 0)
        amp_output_write(out, NULL, 5);
    else if (strcmp(client->id, "bad-input") == 0) {
        amp_input_header(input, (struct amp_bytes){"Action", 6}, (struct amp_bytes){"Ping", 4});
        amp_input_end(input);
    }
}

static void own_frame(void *state, const struct amp_message *message, uint64_t serial, struct amp_bytes encoded,
                      struct amp_output *before, struct amp_output *after)
{
    struct client *client = state;
    char head[160];
    int length =
        snprintf(head, sizeof head, "MESSAGE\nsubscription:%s\nnumber:%u\nsame-serial:%" PRIu64 "\nframed:%zu\n",
                 client->id, ++client->count, serial, encoded.length);
    amp_output_write(before, head, (size_t)length);
    amp_output_write(after, "\n", 1);
    misbehave(client, message, after);
}

static void *client_open(struct amp_session *session)
{
    struct client *client = calloc(1, sizeof *client);
    if (client != NULL)
        client->session = session;
    return client;
}

static void client_close(void *state)
{
    free(state);
}

static void add_header(struct amp_input *input, const char *name, const char *value)
{
    amp_input_header(input, (struct amp_bytes){name, strlen(name)}, (struct amp_bytes){value, strlen(value)});
}

static size_t client_input(void *state, const char *bytes, size_t length)
{
    struct client *client = state;
    struct amp_input *input = amp_session_input(client->session);
    const char *end = memchr(bytes, '\n', length);
    char line[200], name[64], secret[64];

    if (end == NULL)
        return 0;
    snprintf(line, sizeof line, "%.*s", (int)(end - bytes), bytes);
    if (sscanf(line, "subscribe %31s %63s %63s", client->id, name, secret) == 3) {
        add_header(input, "Action", "Login");
        add_header(input, "Username", name);
        add_header(input, "Secret", secret);
    } else if (sscanf(line, "ask %63s", name) == 1) {
        add_header(input, "Action", name);
        add_header(input, "ActionID", client->id);
    }
    amp_input_end(input);
    return (size_t)(end - bytes) + 1;
}

static void client_end(void *state)
{
    amp_session_finish(((struct client *)state)->session);
}

static void client_message(void *state, const struct amp_message *message, const struct amp_delivery *delivery)
{
    struct client *client = state;
    struct amp_bytes response = {"", 0};

    amp_message_find(message, "Response", &response);
    if (delivery->kind != AMP_DELIVERY_ANSWER || !delivery->final)
        return;
    if (response.length == 7 && memcmp(response.bytes, "Success", 7) == 0) {
        amp_session_write(client->session, "CONNECTED\n\n", 11);
        amp_session_stream(client->session, amp_session_format(client->session, NULL), frame);
    } else {
        amp_session_write(client->session, "ERROR\n\n", 7);
    }
}

static void client_timer(void *state)
{
    (void)state;
}

static const struct amp_protocol protocol = {
    .size = SIZE,
    .open = client_open,
    .close = client_close,
    .input = client_input,
    .end = client_end,
    .message = client_message,
    .timer = client_timer,
    .own_frame = own_frame,
};

AMP_EXPORT const struct amp_plugin amp_plugin_v1 = {
    .size = sizeof(struct amp_plugin),
    .abi_minor = MINOR,
    .name = NAME,
    .capabilities = AMP_IS_PROTOCOL,
    .protocol = &protocol,
};
