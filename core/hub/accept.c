// core/hub/accept.c: takes new connections: checks whether there is room, chooses a worker, or refuses them.
// Thread: the hub's.
#include "hub/inside.h"

#include "base/address_rules.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/memory.h"
#include "hub/arrival.h"
#include "letters/letters.h"
#include "net/tls.h"
#include "plugin/error_codes.h"
#include "session/access/limits.h"
#include "session/directory.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/util.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAITING_MOST 4096  // connections that wait for room; of one address half of that
#define WAITING_MS 10000   // longest wait
#define WAITING_LOOK_MS 20 // how often room is looked for

/** A connection for which there is no room yet. */
struct waiting {
    struct list_node place; // in the hub's list `waiting`
    int fd;
    uint64_t listener; // id of its listening
    uint64_t since_ms;
    struct address network;
    struct newcomer who;
};

/** Writes the answer to whoever is refused, in the listener's own language: an Error of AMI, or a problem over HTTP
 *  (RFC 9457). @param reason  a text of the program, with nothing to escape @return its length; 0: there is none */
static int write_refusal(const struct listen_config *listen, const char *reason, char *text, size_t size)
{
    char body[400];

    if (listen->tls == TLS_REQUIRED)
        return 0;
    if (strcmp(listen->input, "auto") == 0 || strcmp(listen->input, "standard") == 0)
        return snprintf(text, size, "Response: Error\r\nMessage: %s\r\n\r\n", reason);
    if (strcmp(listen->input, "http") != 0)
        return 0;
    int length =
        snprintf(body, sizeof body,
                 "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,\"detail\":\"%s\","
                 "\"code\":\"%s\",\"Response\":\"Error\",\"Message\":\"%s\"}\n",
                 reason, error_code_find(span_of(reason), AMP_REASON_TOO_MANY), reason);
    return snprintf(text, size,
                    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json; charset=utf-8\r\n"
                    "Cache-Control: no-store\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s",
                    length, body);
}

/** Sends the answer if the socket accepts it, and closes. The log has at most one line a minute, with the number of
 * refusals. */
static void refuse_connection(struct hub *hub, int fd, const char *address, const char *reason,
                              const struct listen_config *listen)
{
    char text[800], unread[4096];
    uint64_t now = clock_ms();
    int length = write_refusal(listen, reason, text, sizeof text);

    if (length > 0) {
        while (recv(fd, unread, sizeof unread, MSG_DONTWAIT) == sizeof unread)
            continue; // what is not read would reset the connection, and the client might lose the answer
        if (send(fd, text, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL) == -1)
            log_debug(NULL, "connection refused without a word reason=\"%s\"", strerror(errno));
    }
    close(fd);
    hub->refused++;
    if (hub->complained_ms != 0 && now - hub->complained_ms < 60000)
        return;
    log_warn(NULL, "connection refused reason=\"%s\" address=%s refused=%llu", reason, address,
             (unsigned long long)hub->refused);
    hub->complained_ms = now;
    hub->refused = 0;
}

/** Closes a connection that the listener's rules forbid, before anything is read or written. The log has at most one
 * line a minute. */
static bool accept_admit(struct listening *listening, int fd, const struct newcomer *who)
{
    static const struct network_list everybody = {0};
    const struct listen_config *rules = &listening->hub->config->listen[listening->index];
    uint64_t now = clock_ms();

    // A balancer need not be among the clients of `allow`: these are known later.
    if (address_rules_admit(who->balancer ? &everybody : &rules->allow, &rules->deny, who->address))
        return true;
    close(fd);
    metric_add(&listening->hub->metrics->refused_address, 1);
    listening->kept_out++;
    if (listening->complained_ms != 0 && now - listening->complained_ms < 60000)
        return false;
    log_warn(NULL, "connection refused by address listener=%s address=%s refused=%llu",
             listener_address(listening->listener), who->address, (unsigned long long)listening->kept_out);
    listening->complained_ms = now;
    listening->kept_out = 0;
    return false;
}

/** Is this one of the last HUB_DESCRIPTOR_RESERVE descriptors, which servers, scripts and a reload need? The kernel
 * gives the lowest free number. */
static bool is_last_descriptor(int fd)
{
    struct rlimit files;

    return getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY &&
           (rlim_t)fd + HUB_DESCRIPTOR_RESERVE >= files.rlim_cur;
}

void hub_send_close_request(struct hub *hub, uint64_t session_id, bool idle)
{
    for (uint32_t i = 0; i < hub->worker_count; i++) {
        struct close_request *request = memory_zero(1, sizeof *request);
        request->letter.kind = WORKER_CLOSE_SESSION;
        request->session_id = session_id;
        request->idle = idle;
        worker_send(hub->outboxes[i].worker, &request->letter);
    }
}

/** Hands the connection to the worker with the fewest sessions. */
static void hand_over(const struct listening *listening, int fd, const struct newcomer *who, uint64_t session_id)
{
    struct hub *hub = listening->hub;
    struct accepted *letter = memory_zero(1, sizeof *letter);
    size_t fewest = SIZE_MAX;
    uint32_t chosen = 0;

    for (uint32_t i = 0; i < hub->worker_count; i++) {
        size_t sessions = worker_sessions(hub->outboxes[i].worker);
        if (sessions < fewest) {
            fewest = sessions;
            chosen = i;
        }
    }
    letter->letter.kind = WORKER_ACCEPTED;
    letter->fd = fd;
    letter->listener = listening->index;
    letter->listener_number = listening->number;
    if (hub->tls != NULL && hub->config->listen[listening->index].tls != TLS_OFF)
        letter->tls = tls_context_ref(hub->tls);
    letter->session_id = session_id;
    memcpy(letter->address, who->address, strnlen(who->address, sizeof letter->address - 1));
    letter->balancer = who->balancer;
    worker_expect(hub->outboxes[chosen].worker);
    worker_send(hub->outboxes[chosen].worker, &letter->letter);
}

static void accept_refuse(const struct listening *listening, int fd, const char *address, const char *reason)
{
    refuse_connection(listening->hub, fd, address, reason, &listening->hub->config->listen[listening->index]);
}

/** Lets the connection in, or refuses it. @return false: it may wait; nothing was done. `*reason` is why */
static bool accept_enter(const struct listening *listening, int fd, const struct newcomer *who, const char **reason)
{
    struct hub *hub = listening->hub;
    uint64_t session_id = session_limits_next_id(hub->shared.limits);
    struct session_limits_place place;

    switch (session_limits_enter(hub->shared.limits, session_id, who->balancer ? NULL : who->address, hub->config,
                                 clock_ms(), &place)) {
    case SESSION_LIMITS_ENTERED:
        if (place.displaced != 0)
            hub_send_close_request(hub, place.displaced, true);
        hand_over(listening, fd, who, session_id);
        return true;
    case SESSION_LIMITS_REFUSED:
        metric_add(&hub->metrics->refused_limit, 1);
        accept_refuse(listening, fd, who->address, place.reason);
        return true;
    case SESSION_LIMITS_WAIT:
        break;
    }
    *reason = place.reason;
    return false;
}

// --- connections that wait for room -------------------------------------------------------------------------------

static size_t count_waiting(const struct hub *hub, const struct address *network)
{
    size_t count = 0;

    for (const struct waiting *waiting = LIST_FIRST(&hub->waiting, struct waiting, place); waiting != NULL;
         waiting = LIST_NEXT(waiting, struct waiting, place))
        count += memcmp(waiting->network.bytes, network->bytes, sizeof network->bytes) == 0;
    return count;
}

static void end_waiting(struct hub *hub, struct waiting *waiting)
{
    list_remove(&hub->waiting, &waiting->place);
    hub->waiting_count--;
    free(waiting);
}

struct listening *hub_find_listening(const struct hub *hub, uint64_t id)
{
    for (size_t i = 0; i < hub->listening_count; i++) {
        if (hub->listening[i]->id == id)
            return hub->listening[i];
    }
    return NULL;
}

/** Lets a waiting connection in, or refuses it. @return false: the connection continues to wait */
static bool accept_settle(struct hub *hub, const struct waiting *waiting)
{
    const struct listening *listening = hub_find_listening(hub, waiting->listener);
    const char *reason;

    if (listening == NULL) {
        close(waiting->fd);
        return true;
    }
    if (accept_enter(listening, waiting->fd, &waiting->who, &reason))
        return true;
    if (clock_ms() - waiting->since_ms < WAITING_MS)
        return false;
    metric_add(&hub->metrics->refused_limit, 1);
    accept_refuse(listening, waiting->fd, waiting->who.address, reason);
    return true;
}

/** Admits waiting connections in the order of their arrival, except those whose address already has its share. */
static void on_room(evutil_socket_t fd, short what, void *argument)
{
    static const struct timeval look = {0, WAITING_LOOK_MS * 1000};
    struct hub *hub = argument;
    struct waiting *waiting, *next;
    (void)fd;
    (void)what;

    for (waiting = LIST_FIRST(&hub->waiting, struct waiting, place); waiting != NULL; waiting = next) {
        next = LIST_NEXT(waiting, struct waiting, place);
        if (accept_settle(hub, waiting))
            end_waiting(hub, waiting);
    }
    if (hub->waiting.first != NULL)
        event_add(hub->room, &look);
}

static void let_wait(const struct listening *listening, int fd, const struct newcomer *who, const char *reason)
{
    struct hub *hub = listening->hub;
    struct address network = address_network(who->address);
    struct waiting *waiting;

    if (hub->waiting_count >= WAITING_MOST || count_waiting(hub, &network) >= WAITING_MOST / 2) {
        metric_add(&hub->metrics->refused_limit, 1);
        accept_refuse(listening, fd, who->address, reason);
        return;
    }
    waiting = memory_zero(1, sizeof *waiting);
    waiting->fd = fd;
    waiting->listener = listening->id;
    waiting->since_ms = clock_ms();
    waiting->network = network;
    waiting->who = *who;
    list_add_last(&hub->waiting, &waiting->place);
    if (hub->waiting_count++ > 0)
        return;
    if (hub->room == NULL)
        hub->room = event_new(hub->base, -1, 0, on_room, hub);
    event_add(hub->room, &(struct timeval){0, WAITING_LOOK_MS * 1000});
}

void hub_forget_waiting(struct hub *hub)
{
    struct waiting *waiting;

    while ((waiting = LIST_FIRST(&hub->waiting, struct waiting, place)) != NULL) {
        close(waiting->fd);
        end_waiting(hub, waiting);
    }
    if (hub->room != NULL)
        event_free(hub->room);
    hub->room = NULL;
}

// --- what comes and goes ------------------------------------------------------------------------------------------

static void enter_or_wait(const struct listening *listening, int fd, const struct newcomer *who)
{
    const char *reason;

    if (!accept_enter(listening, fd, who, &reason))
        let_wait(listening, fd, who, reason);
}

void hub_let_in(struct listening *listening, int fd, const struct newcomer *who)
{
    if (accept_admit(listening, fd, who))
        enter_or_wait(listening, fd, who);
}

void hub_on_accepted(int fd, const char *address, void *context)
{
    struct listening *listening = context;
    const struct listen_config *listen = &listening->hub->config->listen[listening->index];
    struct newcomer who = newcomer_of(listen, address);

    if (!accept_admit(listening, fd, &who))
        return;
    if (is_last_descriptor(fd)) {
        metric_add(&listening->hub->metrics->refused_files, 1);
        accept_refuse(listening, fd, address, "Too many open files");
    } else if (who.balancer && listen->proxy_protocol != PROXY_PROTOCOL_OFF) {
        arrival_begin(listening, fd, &who);
    } else {
        enter_or_wait(listening, fd, &who);
    }
}

void hub_on_control_accepted(int fd, const char *address, void *context)
{
    struct listening *listening = context;
    struct hub *hub = listening->hub;
    uint64_t session_id = session_limits_next_id(hub->shared.limits);
    uint64_t displaced = session_limits_enter_control(hub->shared.limits, session_id);
    struct ucred peer = {0};
    socklen_t size = sizeof peer;
    struct newcomer who = {0};

    (void)address;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == -1)
        peer.uid = (uid_t)-1;
    if (displaced != 0)
        hub_send_close_request(hub, displaced, false);
    snprintf(who.address, sizeof who.address, "control/%u", (unsigned)peer.uid);
    hand_over(listening, fd, &who, session_id);
}

bool hub_close_session(struct hub *hub, uint64_t session_id, struct error *err)
{
    if (!directory_has(hub->shared.directory, session_id))
        return error_set(err, "There is no session %llu", (unsigned long long)session_id);
    hub_send_close_request(hub, session_id, false);
    return true;
}
