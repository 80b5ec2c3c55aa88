// session.c: one connection. Like Asterisk it works on one action at a time and writes events between actions only.
#include "session.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "actions.h"
#include "reply.h"
#include "request_log.h"

enum { READ_LIMIT = 64 * 1024, WRITE_AT_ONCE = 1024 * 1024, AUTH_TIMEOUT_S = 30 };

static void session_dispatch(struct session *session, enum reader_result result)
{
    session->busy = true;
    request_log(session);
    switch (result) {
    case READER_MESSAGE:
        action_run(session);
        break;
    case READER_LONG:
        reply_error(session, "Failed to parse message: line too long");
        break;
    case READER_TOO_MANY:
        reply_error(session, "Too many lines in message or allocation failure");
        break;
    case READER_MORE:
        break;
    }
    if (session->blocked)
        return;
    session_flush_events(session);
    session->busy = false;
    request_clear(&session->request);
}

static void session_process(struct session *session)
{
    struct evbuffer *input = bufferevent_get_input(session->stream);
    while (!session->busy && !session->closing && !session->outbox.stalled) {
        enum reader_result result = reader_next(&session->reader, input, &session->request);
        if (result == READER_MORE)
            break;
        session_dispatch(session, result);
    }
    if (session->ended && !session->busy)
        session_close(session);
    session_check_backlog(session);
}

void session_flush_events(struct session *session)
{
    size_t offset = 0;
    for (size_t i = 0; i < session->waiting_count; i++) {
        const struct waiting_event *event = &session->waiting_events[i];
        if ((event->classes & ~session->mask) == 0)
            outbox_message(&session->outbox, session->waiting.bytes + offset, event->length);
        offset += event->length;
    }
    session->waiting_count = 0;
    text_clear(&session->waiting);
    if (session->waiting.capacity > WRITE_AT_ONCE)
        text_fini(&session->waiting);
}

static void session_queue_event(struct session *session, uint32_t classes, const char *bytes, size_t length)
{
    if (session->waiting_count == session->waiting_capacity) {
        session->waiting_capacity = session->waiting_capacity == 0 ? 64 : session->waiting_capacity * 2;
        size_t size = session->waiting_capacity * sizeof *session->waiting_events;
        session->waiting_events = must_realloc(session->waiting_events, size);
    }
    session->waiting_events[session->waiting_count++] = (struct waiting_event){length, classes};
    text_add(&session->waiting, bytes, length);
}

void session_event(struct session *session, uint32_t classes, const char *bytes, size_t length)
{
    if (!session->authenticated || session->closing || (classes & ~session->mask) != 0)
        return;
    if (session->busy) {
        session_queue_event(session, classes, bytes, length);
        if (session->blocked && session->resume == action_wait_event_resume)
            event_active(session->timer, EV_TIMEOUT, 0);
    } else {
        outbox_message(&session->outbox, bytes, length);
    }
    session_check_backlog(session);
}

bool session_takes_bulk(const struct session *session, uint32_t classes)
{
    return session->authenticated && !session->closing && !session->busy && (classes & ~session->mask) == 0 &&
           outbox_is_plain(&session->outbox);
}

void session_check_backlog(struct session *session)
{
    if (session->outbox.dropped)
        session_close(session);
    if (outbox_pending(&session->outbox) + session->waiting.length > OUTBOX_LIMIT) {
        session->closing = true;
        event_active(session->reaper, EV_TIMEOUT, 0);
    }
}

void session_block(struct session *session, int64_t ms, session_resume *resume)
{
    struct timeval wait = {ms / 1000, ms % 1000 * 1000};
    session->blocked = true;
    session->resume = resume;
    if (ms >= 0)
        event_add(session->timer, &wait);
}

static void on_timer(evutil_socket_t fd, short what, void *data)
{
    struct session *session = data;
    (void)fd;
    (void)what;
    event_del(session->timer);
    if (!session->blocked || session->closing)
        return;
    session->blocked = false;
    session->resume(session);
}

void session_wake(struct session *session)
{
    event_active(session->timer, EV_TIMEOUT, 0);
}

void session_finish(struct session *session)
{
    session_flush_events(session);
    session->busy = false;
    request_clear(&session->request);
    session_process(session);
}

static void on_read(struct bufferevent *stream, void *data)
{
    (void)stream;
    session_process(data);
}

static void on_drained(struct bufferevent *stream, void *data)
{
    struct session *session = data;
    outbox_on_drained(&session->outbox);
    if (session->closing && evbuffer_get_length(bufferevent_get_output(stream)) == 0 &&
        session->outbox.piece_count == 0)
        event_active(session->reaper, EV_TIMEOUT, 0);
    else if (!session->busy && !session->closing)
        session_process(session); // what came during a stall
}

static void on_event(struct bufferevent *stream, short what, void *data)
{
    struct session *session = data;
    if ((what & BEV_EVENT_CONNECTED) != 0)
        return;
    session->ended = true;
    bufferevent_disable(stream, EV_READ);
    if ((what & BEV_EVENT_EOF) != 0 && !session->closing) {
        session_process(session);
        return;
    }
    session->closing = true;
    event_active(session->reaper, EV_TIMEOUT, 0);
}

static void on_reaper(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    session_destroy(data);
}

void session_close(struct session *session)
{
    struct timeval most = {1, 0};
    if (session->closing)
        return;
    session->closing = true;
    bufferevent_disable(session->stream, EV_READ);
    if (outbox_pending(&session->outbox) == 0)
        event_active(session->reaper, EV_TIMEOUT, 0);
    else
        event_add(session->reaper, &most);
}

static void on_auth_timer(evutil_socket_t fd, short what, void *data)
{
    struct session *session = data;
    (void)fd;
    (void)what;
    if (!session->authenticated)
        session_close(session);
}

static struct bufferevent *open_stream(struct simulator *simulator, int fd)
{
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (simulator->tls == NULL)
        return bufferevent_socket_new(simulator->base, fd, BEV_OPT_CLOSE_ON_FREE);
    SSL *ssl = SSL_new(simulator->tls);
    return ssl == NULL ? NULL
                       : bufferevent_openssl_socket_new(simulator->base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING,
                                                        BEV_OPT_CLOSE_ON_FREE);
}

static void session_link(struct session *session)
{
    struct session **end = &session->simulator->sessions;
    while (*end != NULL) { // at the end: events go out in the order of connections
        session->previous = *end;
        end = &(*end)->next;
    }
    *end = session;
}

void session_create(struct simulator *simulator, int fd)
{
    struct session *session = must_calloc(1, sizeof *session);
    struct timeval wait = {AUTH_TIMEOUT_S, 0};
    session->simulator = simulator;
    session->number = ++simulator->last_connection;
    session->stream = open_stream(simulator, fd);
    session->timer = event_new(simulator->base, -1, 0, on_timer, session);
    session->reaper = event_new(simulator->base, -1, 0, on_reaper, session);
    session->auth_timer = event_new(simulator->base, -1, 0, on_auth_timer, session);
    if (session->stream == NULL || session->timer == NULL || session->reaper == NULL || session->auth_timer == NULL)
        abort();
    session_link(session);
    bufferevent_setcb(session->stream, on_read, on_drained, on_event, session);
    bufferevent_setwatermark(session->stream, EV_READ, 0, READ_LIMIT);
    bufferevent_set_max_single_write(session->stream, WRITE_AT_ONCE);
    outbox_init(&session->outbox, session->stream, simulator->base, &simulator->options.faults);
    evbuffer_add_printf(bufferevent_get_output(session->stream), "%s\r\n", simulator->options.banner);
    event_add(session->auth_timer, &wait);
    bufferevent_enable(session->stream, EV_READ | EV_WRITE);
    if (session->outbox.faults.drop_after == 0) {
        session->outbox.dropped = true;
        session_close(session);
    } else if (session->outbox.faults.stall_after == 0) {
        session->outbox.faults.stall_after = -1;
        outbox_stall(&session->outbox, -1);
    }
}

void session_destroy(struct session *session)
{
    if (session->previous != NULL)
        session->previous->next = session->next;
    else
        session->simulator->sessions = session->next;
    if (session->next != NULL)
        session->next->previous = session->previous;
    event_free(session->timer);
    event_free(session->reaper);
    event_free(session->auth_timer);
    outbox_fini(&session->outbox);
    bufferevent_free(session->stream);
    request_clear(&session->request);
    text_fini(&session->reply);
    text_fini(&session->waiting);
    free(session->waiting_events);
    free(session);
}
