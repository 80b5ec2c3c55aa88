// core/run/takeover.c: see takeover.h.
#include "run/takeover.h"

#include "base/log.h"
#include "base/memory.h"
#include "hub/inside.h"
#include "net/inherited.h"
#include "run/drain.h"
#include "run/notify.h"
#include "run/spawn.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define VARIABLE "ASTMANPROXY_HANDOVER" // DESCRIPTOR:SERVERS
#define READY "ready"
#define LIMIT_S 30
#define END_LIMIT_MS 1000 // for a child that has closed its pipe to end
#define END_TICK_MS 10

struct handover {
    const struct options *options;
    char program[4096]; // its path at the start: what is there now is what a successor runs
    int told_fd;        // as the successor: to the earlier process, -1: none
    size_t servers;     // … that is logged in to so many

    struct hub *hub; // as the earlier process, while it goes on
    pid_t child;     // 0: none
    int pipe_fd;
    struct event *readable, *limit;
    char said[512];
    size_t said_length;
};

struct handover *handover_create(const struct options *options)
{
    struct handover *handover = memory_zero(1, sizeof *handover);
    const char *variable = getenv(VARIABLE);
    ssize_t length = readlink("/proc/self/exe", handover->program, sizeof handover->program - 1);
    int fd = -1;

    if (length <= 0)
        handover->program[0] = '\0';
    handover->options = options;
    handover->told_fd = handover->pipe_fd = -1;
    if (variable != NULL && sscanf(variable, "%9d:%9zu", &fd, &handover->servers) == 2 && fd > STDERR_FILENO &&
        fcntl(fd, F_SETFD, FD_CLOEXEC) == 0)
        handover->told_fd = fd;
    unsetenv(VARIABLE);
    return handover;
}

void handover_destroy(struct handover *handover)
{
    handover_abandon(handover);
    if (handover->told_fd != -1)
        close(handover->told_fd);
    free(handover);
}

// --- the new process --------------------------------------------------------------------------------------------

bool handover_is_successor(const struct handover *handover)
{
    return handover->told_fd != -1;
}

size_t handover_servers(const struct handover *handover)
{
    return handover->servers;
}

static void tell(struct handover *handover, const char *text, size_t length)
{
    if (handover->told_fd == -1)
        return;
    if (write(handover->told_fd, text, length) != (ssize_t)length || write(handover->told_fd, "\n", 1) != 1)
        log_warn(NULL, "the earlier process does not listen any more");
    close(handover->told_fd);
    handover->told_fd = -1;
}

void handover_fail(struct handover *handover, const char *reason)
{
    tell(handover, reason, strcspn(reason, "\n"));
}

void handover_ready(struct handover *handover)
{
    tell(handover, READY, strlen(READY));
}

// --- the earlier process ----------------------------------------------------------------------------------------

/** Forgets the child; it lives on or not. */
static void leave_child(struct handover *handover)
{
    handover->child = 0;
    handover->said_length = 0;
    if (handover->readable != NULL)
        event_free(handover->readable);
    if (handover->limit != NULL)
        event_free(handover->limit);
    handover->readable = handover->limit = NULL;
    if (handover->pipe_fd != -1)
        close(handover->pipe_fd);
    handover->pipe_fd = -1;
}

static void fail(struct handover *handover, const char *reason)
{
    char quoted[600];

    log_error(NULL, "hand-over failed, this process goes on reason=%s",
              log_quote(quoted, sizeof quoted, span_of(reason)));
    leave_child(handover);
}

/** Waits a moment for a child that has said its last word, then ends it. @return its status */
static int end_child(pid_t child)
{
    struct timespec pause = {0, END_TICK_MS * 1000000L};
    int status = 0;

    for (int i = 0; i < END_LIMIT_MS / END_TICK_MS; i++) {
        if (waitpid(child, &status, WNOHANG) == child)
            return status;
        nanosleep(&pause, NULL);
    }
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return status;
}

/** The pipe is closed without the word that we wait for. */
static void on_failed(struct handover *handover)
{
    int status = end_child(handover->child);

    if (handover->said_length == 0 && WIFSIGNALED(status))
        snprintf(handover->said, sizeof handover->said, "the new process was ended by signal %d", WTERMSIG(status));
    else if (handover->said_length == 0)
        snprintf(handover->said, sizeof handover->said, "the new process ended with exit code %d", WEXITSTATUS(status));
    fail(handover, handover->said);
}

static void on_ready(struct handover *handover)
{
    struct hub *hub = handover->hub;
    char why[64];

    snprintf(why, sizeof why, "handed over to pid=%ld", (long)handover->child);
    notify_successor(handover->child);
    leave_child(handover);
    hub_hand_on_listening(hub);
    hub->handed_over = true;
    drain_begin(hub, why);
}

static void on_said(evutil_socket_t fd, short what, void *argument)
{
    struct handover *handover = argument;
    size_t room = sizeof handover->said - 1 - handover->said_length;
    ssize_t count = read(fd, handover->said + handover->said_length, room);
    (void)what;

    if (count == -1 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count > 0)
        handover->said_length += (size_t)count;
    handover->said[handover->said_length] = '\0';
    char *end = strchr(handover->said, '\n');
    if (end == NULL && count > 0 && handover->said_length < sizeof handover->said - 1)
        return;
    if (end != NULL)
        *end = '\0';
    if (end != NULL && strcmp(handover->said, READY) == 0)
        on_ready(handover);
    else
        on_failed(handover);
}

static void on_limit(evutil_socket_t fd, short what, void *argument)
{
    struct handover *handover = argument;
    char reason[96];
    int status;
    (void)fd;
    (void)what;

    kill(handover->child, SIGKILL);
    waitpid(handover->child, &status, 0);
    snprintf(reason, sizeof reason, "the new process was not ready within %d s", LIMIT_S);
    fail(handover, reason);
}

/** The sockets and their names, in order. */
static void describe_sockets(const struct hub *hub, struct successor *successor)
{
    successor->count = hub->listening_count;
    for (size_t i = 0; i < hub->listening_count; i++) {
        successor->fds[i] = listener_descriptor(hub->listening[i]->listener);
        successor->names[i] = listener_name(hub->listening[i]->listener);
    }
}

static void watch_child(struct handover *handover, struct hub *hub)
{
    struct timeval limit = {LIMIT_S, 0};

    handover->hub = hub;
    handover->readable = event_new(hub->base, handover->pipe_fd, EV_READ | EV_PERSIST, on_said, handover);
    handover->limit = event_new(hub->base, -1, 0, on_limit, handover);
    event_add(handover->readable, NULL);
    event_add(handover->limit, &limit);
}

void handover_begin(struct handover *handover, struct hub *hub)
{
    struct successor successor = {.program = handover->program, .config_path = hub->config->path};
    char number[64];
    struct error err;

    if (handover->child != 0 || handover_is_successor(handover) || hub->ending != RUNNING) {
        log_warn(NULL, "hand-over not begun: %s",
                 hub->ending != RUNNING ? "the proxy is going down" : "one is going on already");
        return;
    }
    successor.debug = handover->options->debug;
    successor.fds = memory_new((hub->listening_count + 1) * sizeof(int));
    successor.names = memory_new((hub->listening_count + 1) * sizeof(char *));
    describe_sockets(hub, &successor);
    snprintf(number, sizeof number, VARIABLE "=%zu:%zu", INHERITED_FIRST + successor.count, servers_up(hub->servers));
    successor.variable = number;
    handover->child = successor_start(&successor, &handover->pipe_fd, &err);
    free(successor.fds);
    free(successor.names);
    if (handover->child == 0) {
        fail(handover, err.text);
        return;
    }
    log_info(NULL, "hand-over begins pid=%ld program=%s", (long)handover->child, handover->program);
    watch_child(handover, hub);
}

void handover_abandon(struct handover *handover)
{
    if (handover->child == 0)
        return;
    log_warn(NULL, "hand-over given up pid=%ld", (long)handover->child);
    kill(handover->child, SIGTERM);
    leave_child(handover);
}
