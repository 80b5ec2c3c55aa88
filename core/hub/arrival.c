// core/hub/arrival.c: see arrival.h. The bytes are only looked at until they are a whole header, so what follows the
// header, or is none, is there for the session. The event is edge-triggered: bytes that stay do not wake it again.
#include "hub/arrival.h"

#include "base/clock.h"
#include "base/memory.h"
#include "net/proxy_header.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ARRIVALS_MOST 4096
#define HEADER_MS 5000 // longest wait for a header that is required, or that has begun

struct arrival {
    struct list_node place; // in hub->arrivals
    struct hub *hub;
    uint64_t listener; // id of its listening
    int fd;
    uint64_t since_ms;
    struct newcomer who;
    struct event *readable, *timer;
};

struct newcomer newcomer_of(const struct listen_config *listen, const char *address)
{
    struct newcomer who = {0};
    struct address known = address_of(address);

    memcpy(who.address, address, strnlen(address, sizeof who.address - 1));
    who.balancer = network_list_has(&listen->trust, &known);
    return who;
}

/** Ends the wait. @return the descriptor, which is the caller's */
static int arrival_leave(struct arrival *arrival)
{
    int fd = arrival->fd;

    list_remove(&arrival->hub->arrivals, &arrival->place);
    arrival->hub->arrival_count--;
    if (arrival->readable != NULL)
        event_free(arrival->readable);
    if (arrival->timer != NULL)
        event_free(arrival->timer);
    free(arrival);
    return fd;
}

static void arrival_refuse(struct arrival *arrival, const char *reason)
{
    struct hub *hub = arrival->hub;

    metric_add(&hub->metrics->refused_header, 1);
    log_warn(NULL, "PROXY header refused reason=\"%s\" address=%s", reason, arrival->who.address);
    close(arrival_leave(arrival));
}

/** Lets in the client that the header names. */
static void arrival_introduce(struct arrival *arrival, struct listening *listening, const struct proxy_header *header)
{
    const struct listen_config *listen = &arrival->hub->config->listen[listening->index];
    struct newcomer who = header->local ? arrival->who : newcomer_of(listen, header->client);
    char consumed[PROXY_HEADER_MOST];

    if (recv(arrival->fd, consumed, header->length, MSG_DONTWAIT) != (ssize_t)header->length) {
        arrival_refuse(arrival, "the connection has failed");
        return;
    }
    if (!header->local)
        log_debug(NULL, "client named by balancer address=%s balancer=%s", who.address, arrival->who.address);
    hub_let_in(listening, arrival_leave(arrival), &who);
}

/** Lets in a connection without a header. */
static void arrival_go_without(struct arrival *arrival, struct listening *listening)
{
    const struct newcomer who = arrival->who;

    if (arrival->hub->config->listen[listening->index].proxy_protocol == PROXY_PROTOCOL_REQUIRED)
        arrival_refuse(arrival, "expected a header (proxy_protocol: required); found none");
    else
        hub_let_in(listening, arrival_leave(arrival), &who);
}

static struct timeval arrival_time(uint64_t ms)
{
    return (struct timeval){(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};
}

/** Looks at what has come. @param is_late  nothing more is waited for @return false: it goes on to wait */
static bool arrival_look(struct arrival *arrival, bool is_late)
{
    struct listening *listening = hub_find_listening(arrival->hub, arrival->listener);
    char bytes[PROXY_HEADER_MOST];
    struct proxy_header header;
    ssize_t count = recv(arrival->fd, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);
    bool is_silent = count == -1 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);

    if (listening == NULL || count == 0 || (count == -1 && !is_silent)) {
        close(arrival_leave(arrival)); // also a balancer that only checks whether somebody listens
        return true;
    }
    if (is_silent) {
        if (is_late)
            arrival_go_without(arrival, listening);
        return is_late;
    }
    switch (proxy_header_read(bytes, (size_t)count, &header)) {
    case PROXY_HEADER_FOUND:
        arrival_introduce(arrival, listening, &header);
        return true;
    case PROXY_HEADER_ABSENT:
        arrival_go_without(arrival, listening);
        return true;
    case PROXY_HEADER_INVALID:
        arrival_refuse(arrival, header.fault);
        return true;
    case PROXY_HEADER_MORE:
        break;
    }
    if (is_late)
        arrival_refuse(arrival, "it is not complete");
    return is_late;
}

static void on_arrival_readable(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)arrival_look(context, false);
}

/** A silent connection may be a client's that waits for a banner; a header that has begun has more time. */
static void on_arrival_time(evutil_socket_t fd, short what, void *context)
{
    struct arrival *arrival = context;
    uint64_t waited = clock_ms() - arrival->since_ms;
    char first;
    (void)fd;
    (void)what;

    if (waited < HEADER_MS && recv(arrival->fd, &first, 1, MSG_PEEK | MSG_DONTWAIT) == 1) {
        struct timeval rest = arrival_time(HEADER_MS - waited);
        event_add(arrival->timer, &rest);
        return;
    }
    (void)arrival_look(arrival, true);
}

void arrival_begin(struct listening *listening, int fd, const struct newcomer *who)
{
    struct hub *hub = listening->hub;
    const struct listen_config *listen = &hub->config->listen[listening->index];
    struct arrival *arrival = memory_zero(1, sizeof *arrival);
    struct timeval limit =
        arrival_time(listen->proxy_protocol == PROXY_PROTOCOL_AUTO && listen->detect_timeout_ms < HEADER_MS
                         ? listen->detect_timeout_ms
                         : HEADER_MS);

    *arrival = (struct arrival){.hub = hub, .listener = listening->id, .fd = fd, .since_ms = clock_ms(), .who = *who};
    list_add_last(&hub->arrivals, &arrival->place);
    hub->arrival_count++;
    if (hub->arrival_count > ARRIVALS_MOST) {
        arrival_refuse(arrival, "too many connections have sent none yet");
        return;
    }
    arrival->readable = event_new(hub->base, fd, EV_READ | EV_ET | EV_PERSIST, on_arrival_readable, arrival);
    arrival->timer = evtimer_new(hub->base, on_arrival_time, arrival);
    event_add(arrival->readable, NULL);
    event_add(arrival->timer, &limit);
}

void arrival_settle_all(struct hub *hub)
{
    for (struct list_node *node; (node = list_take_first(&hub->arrivals)) != NULL;) {
        struct arrival *arrival = LIST_OBJECT(node, struct arrival, place);
        if (!arrival_look(arrival, false))
            close(arrival_leave(arrival));
    }
}
