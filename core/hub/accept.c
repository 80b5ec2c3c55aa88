// core/hub/accept.c: connections come in: is there room, and which worker serves it? And are sent away. Thread: the
// hub's.
#include "hub/inside.h"

#include "base/clock.h"
#include "base/memory.h"
#include "letters/letters.h"
#include "net/tls.h"
#include "session/access/limits.h"
#include "session/directory.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define DESCRIPTOR_RESERVE 32 // for servers, the log, scripts and a reload

/** Says why, if the socket takes it, and closes. One line a minute tells of it, and how many there were. */
static void refuse_connection(struct hub *hub, int fd, const char *address, const char *reason, bool is_plain)
{
    char text[160];
    uint64_t now = clock_ms();

    if (is_plain) {
        int length = snprintf(text, sizeof text, "Response: Error\r\nMessage: %s\r\n\r\n", reason);
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

/** Whom the listener's rules keep out is closed before a byte is read or written; of these one line a minute. */
static bool admit(struct listening *listening, int fd, const char *address)
{
    const struct listen_config *rules = &listening->hub->config->listen[listening->index];
    uint64_t now = clock_ms();

    if (address_rules_admit(&rules->allow, &rules->deny, address))
        return true;
    close(fd);
    metric_add(&listening->hub->metrics->refused_address, 1);
    listening->kept_out++;
    if (listening->complained_ms != 0 && now - listening->complained_ms < 60000)
        return false;
    log_warn(NULL, "connection refused by address listener=%s address=%s refused=%llu",
             listener_address(listening->listener), address, (unsigned long long)listening->kept_out);
    listening->complained_ms = now;
    listening->kept_out = 0;
    return false;
}

/** Why there is no room for another connection; NULL: there is, and it is counted. */
static const char *find_room(struct hub *hub, int fd, const char *address)
{
    struct rlimit files;
    const char *reason;

    // Numbers are given lowest first: a high one tells that few are left, which servers, scripts and a reload need too.
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY &&
        (rlim_t)fd + DESCRIPTOR_RESERVE >= files.rlim_cur) {
        metric_add(&hub->metrics->refused_files, 1);
        return "Too many open files";
    }
    reason = crowd_enter(hub->shared.crowd, address, hub->config);
    metric_add(&hub->metrics->refused_limit, reason != NULL);
    return reason;
}

/** A peer that vanished is noticed although nothing is sent to it. Fails on unix sockets, which have no such peers. */
static void keep_alive(int fd)
{
    int on = 1, idle_s = 60, interval_s = 10, probes = 6, unacknowledged_ms = 60000;

    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms, sizeof unacknowledged_ms);
}

void hub_on_accepted(int fd, const char *address, void *context)
{
    struct listening *listening = context;
    struct hub *hub = listening->hub;
    struct accepted *letter;
    const struct listen_config *listen = &hub->config->listen[listening->index];
    const char *reason;
    size_t fewest = SIZE_MAX;
    uint32_t chosen = 0;

    if (!admit(listening, fd, address))
        return;
    reason = find_room(hub, fd, address);
    if (reason != NULL) {
        bool speaks_ami = strcmp(listen->input, "auto") == 0 || strcmp(listen->input, "standard") == 0;
        refuse_connection(hub, fd, address, reason, speaks_ami && listen->tls != TLS_REQUIRED);
        return;
    }
    keep_alive(fd);

    for (uint32_t i = 0; i < hub->worker_count; i++) {
        size_t sessions = worker_sessions(hub->outboxes[i].worker);
        if (sessions < fewest) {
            fewest = sessions;
            chosen = i;
        }
    }
    letter = memory_zero(1, sizeof *letter);
    letter->letter.kind = WORKER_ACCEPTED;
    letter->fd = fd;
    letter->listener = listening->index;
    letter->listener_number = listening->number;
    if (hub->tls != NULL && listen->tls != TLS_OFF)
        letter->tls = tls_context_ref(hub->tls);
    letter->session_id = ++hub->last_session_id;
    memcpy(letter->address, address, strnlen(address, sizeof letter->address - 1));
    worker_expect(hub->outboxes[chosen].worker);
    worker_send(hub->outboxes[chosen].worker, &letter->letter);
}

bool hub_dismiss(struct hub *hub, uint64_t session_id, struct error *err)
{
    if (!directory_has(hub->shared.directory, session_id))
        return error_set(err, "There is no session %llu", (unsigned long long)session_id);
    for (uint32_t i = 0; i < hub->worker_count; i++) {
        struct dismissal *dismissal = memory_zero(1, sizeof *dismissal);
        dismissal->letter.kind = WORKER_DISMISS;
        dismissal->session_id = session_id;
        worker_send(hub->outboxes[i].worker, &dismissal->letter);
    }
    return true;
}
