// contrib/ampctl/tail.c: `tail`: events as they happen, until a signal arrives, the connection ends, or the reader of
// stdout is gone.
#include "access.h"
#include "base/clock.h"
#include "commands.h"
#include "filter.h"
#include "format.h"
#include "request.h"
#include "show.h"
#include "text.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define QUIET_MS 30000 // after this time without a message, ask whether the proxy is alive
#define RETRY_MS 500
#define RETRY_MOST_MS 15000

struct tail {
    const struct ctl_options *options;
    const char *format; // NULL: messages, parsed and written here
    struct access access;
    struct filter filter;
    struct show show;
    struct event_base *base;
    struct event *woken, *reader;
    bool stop;          // a signal has arrived, or the reader is gone
    bool write_failed;  // writing has failed: an error, even when tail was about to stop
    bool shutting_down; // the proxy said so
};

// --- what ends it -----------------------------------------------------------------------------------------------

// Global: the signal handler has no other argument. The eventfd with which it wakes the loop; -1: none.
static int woken_fd = -1;

static void on_signal(int number)
{
    static const uint64_t one = 1;
    int kept = errno;

    (void)number;
    (void)!write(woken_fd, &one, sizeof one);
    alarm(1); // writing or a name lookup may block: end after a second nevertheless
    errno = kept;
}

static void on_alarm(int number)
{
    (void)number;
    _exit(CTL_OK);
}

static void on_stop(evutil_socket_t fd, short what, void *context)
{
    struct tail *tail = context;
    (void)fd, (void)what;

    tail->stop = true;
    event_base_loopbreak(tail->base);
}

static bool listen_to_ends(struct tail *tail, struct error *err)
{
    struct sigaction end = {.sa_handler = on_signal, .sa_flags = SA_RESTART}, late = {.sa_handler = on_alarm};
    struct stat status;

    woken_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (woken_fd == -1)
        return error_set(err, "cannot start: %s", strerror(errno));
    tail->woken = event_new(tail->base, woken_fd, EV_READ, on_stop, tail);
    event_add(tail->woken, NULL);
    sigemptyset(&end.sa_mask);
    sigemptyset(&late.sa_mask);
    sigaction(SIGALRM, &late, NULL);
    sigaction(SIGINT, &end, NULL);
    sigaction(SIGTERM, &end, NULL);
    if (fstat(STDOUT_FILENO, &status) == -1 || !S_ISFIFO(status.st_mode))
        return true;
    tail->reader = event_new(tail->base, STDOUT_FILENO, EV_READ, on_stop, tail); // reports the end of a pipe at once
    event_add(tail->reader, NULL);
    return true;
}

/** Stops listening for the ends. The signal handlers stay, because stdio may still have output to write. */
static void forget_ends(struct tail *tail)
{
    event_free(tail->woken);
    if (tail->reader != NULL)
        event_free(tail->reader);
}

/** Flushes the output. @return false: tail ends, with `code`, and with `err` unless the reader is gone */
static bool tail_flush(struct tail *tail, enum ctl_exit *code, struct error *err)
{
    enum show_result result = show_flush();

    if (result == SHOW_WRITTEN)
        return true;
    tail->stop = true;
    if (result == SHOW_FAILED) {
        tail->write_failed = true;
        error_set(err, "cannot write: %s", strerror(errno));
        *code = CTL_LOST;
    }
    return false;
}

// --- messages ---------------------------------------------------------------------------------------------------

static void tail_take(struct tail *tail, const struct message *message)
{
    struct span name, value;

    message_header(message, 0, &name, &value);
    tail->shutting_down = tail->shutting_down || span_is(name, "ProxyMessage");
    if (message->kind == MESSAGE_EVENT && filter_passes(&tail->filter, message))
        show_message(&tail->show, message, false);
}

static void send_ping(struct connection *connection)
{
    struct message_builder builder;
    char id[REQUEST_ID];

    request_id(id);
    request_begin(&builder, "Action", "Ping", id);
    request_send(connection, &builder);
}

/** Reads messages until something ends it. */
static enum ctl_exit follow_messages(struct tail *tail, struct connection *connection, struct error *err)
{
    enum ctl_exit code = CTL_OK;
    bool asked = false;

    for (;;) {
        struct message *message;
        enum connection_result result = connection_next(connection, 0, &message);
        if (result == CONNECTION_LATE) { // nothing more has arrived
            if (!tail_flush(tail, &code, err))
                return code;
            result = tail->stop ? result
                                : connection_next(connection, asked ? tail->options->timeout_ms : QUIET_MS, &message);
        }
        if (tail->stop) {
            message_unref(message);
            return code;
        }
        if (result == CONNECTION_LATE && !asked) {
            send_ping(connection);
            asked = true;
            continue;
        }
        if (result != CONNECTION_READY) {
            connection_error(connection, result, err);
            return tail_flush(tail, &code, err) ? CTL_LOST : code;
        }
        asked = false;
        tail_take(tail, message);
        message_unref(message);
    }
}

static enum ctl_exit begin_messages(const struct tail *tail, struct connection *connection, struct error *err)
{
    struct message_builder builder;
    char id[REQUEST_ID];

    request_id(id);
    request_begin(&builder, "Action", "Events", id);
    message_addf(&builder, "EventMask", "on");
    return request_ask(connection, &builder, id, tail->options->timeout_ms, NULL, err);
}

// --- bytes of a format ------------------------------------------------------------------------------------------

/** Writes the bytes that have arrived; on a terminal, whole lines with escapes. */
static void write_raw(const struct tail *tail, struct evbuffer *raw)
{
    size_t length = evbuffer_get_length(raw);
    unsigned char *bytes = length == 0 ? NULL : evbuffer_pullup(raw, -1);

    if (bytes == NULL)
        return;
    if (tail->show.terminal) {
        const unsigned char *end = memrchr(bytes, '\n', length);
        length = end == NULL ? 0 : (size_t)(end - bytes) + 1;
        text_write(stdout, (struct span){(const char *)bytes, length}, TEXT_LINES);
    } else {
        fwrite(bytes, 1, length, stdout);
    }
    evbuffer_drain(raw, length);
}

static enum ctl_exit follow_bytes(struct tail *tail, struct connection *connection, struct error *err)
{
    enum connection_result result = CONNECTION_READY;
    enum ctl_exit code = CTL_OK;

    while (!tail->stop && result != CONNECTION_LOST) {
        write_raw(tail, connection_raw(connection));
        if (!tail_flush(tail, &code, err))
            return code;
        result = connection_fill(connection, QUIET_MS);
    }
    write_raw(tail, connection_raw(connection));
    if (tail->stop || !tail_flush(tail, &code, err))
        return code;
    connection_error(connection, result, err);
    return CTL_LOST;
}

/** The proxy filters. The filters are sent before the output format is set, because their answers could not be found in
 *  that format. */
static enum ctl_exit begin_bytes(const struct tail *tail, struct connection *connection, struct error *err)
{
    enum ctl_exit code = CTL_OK;
    char *expression;

    for (size_t i = 0; code == CTL_OK && (expression = filter_expression(&tail->filter, i)) != NULL; i++) {
        struct message_builder builder;
        char id[REQUEST_ID];
        request_id(id);
        request_begin(&builder, "Action", "Filter", id);
        message_addf(&builder, "Operation", "Add");
        message_add(&builder, span_of("Filter"), span_of(expression));
        code = request_ask(connection, &builder, id, tail->options->timeout_ms, NULL, err);
        free(expression);
    }
    return code == CTL_OK ? format_begin(connection, tail->format, tail->options->timeout_ms, err) : code;
}

// --- all --------------------------------------------------------------------------------------------------------

/** Follows one connection from its beginning to its end. @param was_up  set to whether events were followed */
static enum ctl_exit tail_follow(struct tail *tail, bool *was_up, struct error *err)
{
    struct connection *connection = NULL;
    enum ctl_exit code = access_open(&tail->access, tail->base, &connection, err);

    *was_up = false;
    tail->shutting_down = false;
    if (code == CTL_OK)
        code = tail->format != NULL ? begin_bytes(tail, connection, err) : begin_messages(tail, connection, err);
    if (code == CTL_OK) {
        *was_up = true;
        code = tail->format != NULL ? follow_bytes(tail, connection, err) : follow_messages(tail, connection, err);
    }
    connection_close(connection);
    if (tail->stop && code == CTL_LOST && err->text[0] != '\0' && !tail->write_failed) {
        err->text[0] = '\0'; // interrupted while connecting
        code = CTL_OK;
    }
    if (code == CTL_LOST && tail->shutting_down)
        error_set(err, "%s: the proxy has shut down", tail->access.target.shown);
    return code;
}

static void wait_ms(struct tail *tail, uint64_t ms)
{
    struct timeval delay = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};

    event_base_loopexit(tail->base, &delay);
    event_base_dispatch(tail->base);
}

static enum ctl_exit follow_again(struct tail *tail, struct error *err)
{
    uint64_t pause_ms = RETRY_MS;
    char said[sizeof err->text] = "";

    for (;;) {
        bool was_up;
        enum ctl_exit code = tail_follow(tail, &was_up, err);
        if (code != CTL_LOST || tail->stop || !tail->options->reconnect)
            return code;
        pause_ms = was_up ? RETRY_MS : pause_ms < RETRY_MOST_MS ? pause_ms * 2 : RETRY_MOST_MS;
        if (was_up || strcmp(said, err->text) != 0) { // say the same thing only once
            char *text = text_escaped(span_of(err->text), TEXT_TERMINAL);
            fprintf(stderr, "ampctl: %s; trying again\n", text);
            free(text);
            snprintf(said, sizeof said, "%s", err->text);
        }
        err->text[0] = '\0';
        wait_ms(tail, pause_ms);
        if (tail->stop)
            return CTL_OK;
    }
}

static bool tail_check(const struct tail *tail, struct error *err)
{
    if (tail->format != NULL && text_has_control(tail->format))
        return error_set(err, "option --format: a format's name has no control characters");
    return tail->format == NULL || tail->filter.condition_count <= 1 ||
           error_set(err, "tail: with --format the proxy filters, by one HEADER=VALUE; found %zu",
                     tail->filter.condition_count);
}

enum ctl_exit command_tail(struct event_base *base, const struct ctl_options *options, struct error *err)
{
    struct tail tail = {.options = options, .base = base, .show = show_to_stdout(false)};
    enum ctl_exit code = CTL_USAGE;

    tail.format = options->json ? "json" : options->format;
    if (!filter_read(&tail.filter, options->arguments, options->argument_count, err))
        return CTL_USAGE;
    if (tail_check(&tail, err))
        code = access_prepare(&tail.access, options, base, err);
    if (code == CTL_OK && !listen_to_ends(&tail, err))
        code = CTL_LOST;
    if (code == CTL_OK) {
        code = follow_again(&tail, err);
        forget_ends(&tail);
    }
    access_fini(&tail.access);
    filter_fini(&tail.filter);
    return code;
}
