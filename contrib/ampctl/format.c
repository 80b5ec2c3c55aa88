// contrib/ampctl/format.c: see format.h.
#include "format.h"

#include "base/clock.h"
#include "base/memory.h"
#include "request.h"

#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

/** Waits until the buffer holds `length` bytes. */
static enum ctl_exit format_fill(struct connection *connection, size_t length, uint64_t deadline_ms, struct error *err)
{
    while (evbuffer_get_length(connection_raw(connection)) < length) {
        uint64_t now = clock_ms();
        enum connection_result result = connection_fill(connection, deadline_ms > now ? deadline_ms - now : 0);
        if (result != CONNECTION_READY) {
            connection_error(connection, result, err);
            return CTL_LOST;
        }
    }
    return CTL_OK;
}

/** Waits for `id`. Returns its first position at or after `from`. */
static enum ctl_exit find_id(struct connection *connection, const char *id, size_t from, uint64_t deadline_ms,
                             size_t *place, struct error *err)
{
    struct evbuffer *raw = connection_raw(connection);
    struct evbuffer_ptr start, found;
    enum ctl_exit code = format_fill(connection, from + strlen(id), deadline_ms, err);

    while (code == CTL_OK) {
        evbuffer_ptr_set(raw, &start, from, EVBUFFER_PTR_SET);
        found = evbuffer_search(raw, id, strlen(id), &start);
        if (found.pos >= 0) {
            *place = (size_t)found.pos;
            return CTL_OK;
        }
        code = format_fill(connection, evbuffer_get_length(raw) + 1, deadline_ms, err);
    }
    return code;
}

/** Waits for two equal answers with `id`, and removes them. @param answer  set to one of them, NUL-terminated; the
 *  caller frees it */
static enum ctl_exit take_twins(struct connection *connection, const char *id, uint64_t deadline_ms, char **answer,
                                size_t *length, struct error *err)
{
    size_t first, second = 0;
    enum ctl_exit code = find_id(connection, id, 0, deadline_ms, &first, err);

    *answer = NULL;
    if (code == CTL_OK)
        code = find_id(connection, id, first + strlen(id), deadline_ms, &second, err);
    if (code == CTL_OK)
        code = format_fill(connection, 2 * (second - first), deadline_ms, err);
    if (code != CTL_OK)
        return code;
    *length = second - first;
    *answer = memory_zero(1, *length + 1);
    evbuffer_remove(connection_raw(connection), *answer, *length);
    evbuffer_drain(connection_raw(connection), *length);
    return CTL_OK;
}

static void send_format(struct connection *connection, const char *id, const char *format)
{
    struct message_builder builder;

    request_begin(&builder, "ProxyAction", "SetOutputFormat", id);
    message_addf(&builder, "OutputFormat", "%s", format);
    request_send(connection, &builder);
}

static void send_events(struct connection *connection, const char *id, const char *mask)
{
    struct message_builder builder;

    request_begin(&builder, "Action", "Events", id);
    message_addf(&builder, "EventMask", "%s", mask);
    request_send(connection, &builder);
}

/** Makes the answer to `Events: on` from that to `Events: off`: only the last word differs. */
static void turn_on(char *answer, size_t *length)
{
    char *word = NULL;

    for (char *next = answer; (next = memmem(next, *length - (size_t)(next - answer), "Off", 3)) != NULL; next++)
        word = next;
    if (word == NULL)
        return;
    memmove(word + 2, word + 3, *length - (size_t)(word - answer) - 3);
    memcpy(word, "On", 2);
    --*length;
}

enum ctl_exit format_begin(struct connection *connection, const char *format, uint64_t timeout_ms, struct error *err)
{
    char format_id[REQUEST_ID], events_id[REQUEST_ID], *answer = NULL;
    uint64_t deadline_ms = clock_ms() + timeout_ms;
    size_t length = 0;
    enum ctl_exit code;

    request_id(format_id);
    request_id(events_id);
    send_format(connection, format_id, format);
    send_format(connection, format_id, format);
    code = take_twins(connection, format_id, deadline_ms, &answer, &length, err);
    if (code == CTL_OK && strncmp(answer, "ProxyResponse: Error", 20) == 0) { // the format has not changed then
        error_set(err, "the proxy has no output format \"%s\" (`ampctl send ProxyAction=ListIOHandlers` lists them)",
                  format);
        code = CTL_REFUSED;
    }
    free(answer);
    if (code != CTL_OK)
        return code;
    send_events(connection, events_id, "off");
    send_events(connection, events_id, "off");
    code = take_twins(connection, events_id, deadline_ms, &answer, &length, err);
    if (code == CTL_OK) {
        turn_on(answer, &length);
        send_events(connection, events_id, "on");
        code = format_fill(connection, length, deadline_ms, err);
    }
    if (code == CTL_OK) {
        const unsigned char *came = evbuffer_pullup(connection_raw(connection), (ev_ssize_t)length);
        if (memcmp(came, answer, length) == 0) // otherwise it is shown: it may be an event
            evbuffer_drain(connection_raw(connection), length);
    }
    free(answer);
    return code;
}
