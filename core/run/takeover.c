// core/run/takeover.c: see takeover.h.
#include "run/takeover.h"

#include "base/log.h"
#include "base/memory.h"
#include "hub/handover.h"
#include "net/inherited.h"
#include "run/drain.h"
#include "run/inside.h"
#include "run/notify.h"
#include "run/spawn.h"
#include "run/takeover_past.h"
#include "server/servers.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define VARIABLE "ASTMANPROXY_HANDOVER" // DESCRIPTOR:SERVERS, then `:past` if kept feeds can be handed on
#define PAST ":past"
#define READY "ready"
#define HEARS "hears" // it is logged in, and asks for kept feeds
#define LIMIT_S 30
#define GIVEN_LIMIT_S 10  // from when kept feeds are given: they are held meanwhile
#define END_LIMIT_MS 1000 // how long a child that has closed its connection may take to end
#define END_TICK_MS 10

struct takeover {
    const struct options *options;
    char program[4096]; // path of the program at the start; the new process runs the file that is there now
    int told_fd;        // in the new process: the connection to the earlier process, -1: none
    size_t servers;     // in the new process: number of servers that the earlier one is logged in to
    bool has_past;      // in the new process: the earlier one can hand kept feeds on

    struct service *service; // in the earlier process, during a takeover
    pid_t child;             // 0: none
    int child_fd;
    struct event *readable, *limit;
    char said[512];
    size_t said_length;
};

struct takeover *takeover_create(const struct options *options)
{
    struct takeover *takeover = memory_zero(1, sizeof *takeover);
    const char *variable = getenv(VARIABLE);
    ssize_t length = readlink("/proc/self/exe", takeover->program, sizeof takeover->program - 1);
    int fd = -1;

    if (length <= 0)
        takeover->program[0] = '\0';
    takeover->options = options;
    takeover->told_fd = takeover->child_fd = -1;
    if (variable != NULL && sscanf(variable, "%9d:%9zu", &fd, &takeover->servers) == 2 && fd > STDERR_FILENO &&
        fcntl(fd, F_SETFD, FD_CLOEXEC) == 0) {
        takeover->told_fd = fd;
        takeover->has_past = strstr(variable, PAST) != NULL;
    }
    unsetenv(VARIABLE);
    return takeover;
}

void takeover_destroy(struct takeover *takeover)
{
    takeover_abandon(takeover);
    if (takeover->told_fd != -1)
        close(takeover->told_fd);
    free(takeover);
}

// --- the new process --------------------------------------------------------------------------------------------

bool takeover_is_new_process(const struct takeover *takeover)
{
    return takeover->told_fd != -1;
}

size_t takeover_servers(const struct takeover *takeover)
{
    return takeover->servers;
}

static void tell_line(const struct takeover *takeover, const char *text, size_t length)
{
    if (write(takeover->told_fd, text, length) != (ssize_t)length || write(takeover->told_fd, "\n", 1) != 1)
        log_warn(NULL, "the earlier process does not listen any more");
}

static void takeover_tell(struct takeover *takeover, const char *text, size_t length)
{
    if (takeover->told_fd == -1)
        return;
    tell_line(takeover, text, length);
    close(takeover->told_fd);
    takeover->told_fd = -1;
}

void takeover_fail(struct takeover *takeover, const char *reason)
{
    takeover_tell(takeover, reason, strcspn(reason, "\n"));
}

void takeover_ready(struct takeover *takeover)
{
    takeover_tell(takeover, READY, strlen(READY));
}

bool takeover_has_past(const struct takeover *takeover)
{
    return takeover->told_fd != -1 && takeover->has_past;
}

void takeover_ask(struct takeover *takeover)
{
    tell_line(takeover, HEARS, strlen(HEARS));
}

bool takeover_take(struct takeover *takeover, int *fd)
{
    return takeover_past_receive(takeover->told_fd, fd);
}

// --- the earlier process ----------------------------------------------------------------------------------------

/** Forgets the child, whether or not it still runs. */
static void leave_child(struct takeover *takeover)
{
    takeover->child = 0;
    takeover->said_length = 0;
    if (takeover->readable != NULL)
        event_free(takeover->readable);
    if (takeover->limit != NULL)
        event_free(takeover->limit);
    takeover->readable = takeover->limit = NULL;
    if (takeover->child_fd != -1)
        close(takeover->child_fd);
    takeover->child_fd = -1;
}

static void takeover_failed(struct takeover *takeover, const char *reason)
{
    char quoted[600];

    if (takeover->service != NULL)
        hub_take_back(takeover->service->hub);
    log_error(NULL, "hand-over failed, this process goes on reason=%s",
              log_quote(quoted, sizeof quoted, span_of(reason)));
    leave_child(takeover);
}

/** Waits a moment for the child, which has closed its pipe, then kills it. @return its exit status */
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

/** Called when the child has closed the pipe without reporting that it is ready. */
static void on_failed(struct takeover *takeover)
{
    int status = end_child(takeover->child);

    if (takeover->said_length == 0 && WIFSIGNALED(status))
        snprintf(takeover->said, sizeof takeover->said, "the new process was ended by signal %d", WTERMSIG(status));
    else if (takeover->said_length == 0)
        snprintf(takeover->said, sizeof takeover->said, "the new process ended with exit code %d", WEXITSTATUS(status));
    takeover_failed(takeover, takeover->said);
}

static void on_ready(struct takeover *takeover)
{
    struct service *service = takeover->service;
    char why[64];

    snprintf(why, sizeof why, "handed over to pid=%ld", (long)takeover->child);
    notify_new_process(takeover->child);
    leave_child(takeover);
    hub_hand_on_listening(service->hub);
    hub_leave_past(service->hub);
    service->handed_over = true;
    drain_begin(service, why);
}

void takeover_give(struct takeover *takeover, int fd, const char *reason)
{
    char quoted[600];

    if (takeover->child == 0)
        return;
    if (fd == -1)
        log_warn(NULL, "kept feeds are not handed on reason=%s", log_quote(quoted, sizeof quoted, span_of(reason)));
    if (!takeover_past_send(takeover->child_fd, fd))
        log_warn(NULL, "kept feeds are not handed on reason=\"%s\"", strerror(errno));
}

/** The new process hears what this one hears. */
static void on_hears(struct takeover *takeover)
{
    struct timeval limit = {GIVEN_LIMIT_S, 0};
    struct error err;

    event_add(takeover->limit, &limit);
    if (!hub_give_past(takeover->service->hub, &err))
        takeover_give(takeover, -1, err.text);
}

/** Handles the lines that the child has said. There may be two: it goes on if this process is slow to answer.
 *  @param ended  it says no more */
static void on_lines(struct takeover *takeover, bool ended)
{
    char *end;

    while ((end = strchr(takeover->said, '\n')) != NULL) {
        *end = '\0';
        if (strcmp(takeover->said, READY) == 0) {
            on_ready(takeover);
            return;
        }
        if (strcmp(takeover->said, HEARS) != 0) {
            on_failed(takeover);
            return;
        }
        takeover->said_length -= (size_t)(end + 1 - takeover->said);
        memmove(takeover->said, end + 1, takeover->said_length + 1);
        on_hears(takeover); // it waits for the answer
    }
    if (ended || takeover->said_length == sizeof takeover->said - 1)
        on_failed(takeover);
}

static void on_said(evutil_socket_t fd, short what, void *argument)
{
    struct takeover *takeover = argument;
    size_t room = sizeof takeover->said - 1 - takeover->said_length;
    ssize_t count = read(fd, takeover->said + takeover->said_length, room);
    (void)what;

    if (count == -1 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count > 0)
        takeover->said_length += (size_t)count;
    takeover->said[takeover->said_length] = '\0';
    on_lines(takeover, count <= 0);
}

void takeover_give_up(struct takeover *takeover, const char *reason)
{
    int status;

    if (takeover->child == 0)
        return;
    kill(takeover->child, SIGKILL);
    waitpid(takeover->child, &status, 0);
    takeover_failed(takeover, reason);
}

static void on_limit(evutil_socket_t fd, short what, void *argument)
{
    (void)fd;
    (void)what;

    takeover_give_up(argument, "the new process was not ready in time");
}

/** Collects the sockets and their names, in the order of the listeners. */
static void describe_sockets(const struct hub *hub, struct spawn *new_process)
{
    new_process->count = 0;
    for (size_t i = 0; i < hub_listener_count(hub); i++) {
        const struct listener *listener = hub_listener(hub, i);
        if (listener == NULL)
            continue;
        new_process->fds[new_process->count] = listener_descriptor(listener);
        new_process->names[new_process->count++] = listener_name(listener);
    }
}

static void watch_child(struct takeover *takeover, const struct service *service)
{
    struct timeval limit = {LIMIT_S, 0};

    takeover->readable = event_new(hub_base(service->hub), takeover->child_fd, EV_READ | EV_PERSIST, on_said, takeover);
    takeover->limit = event_new(hub_base(service->hub), -1, 0, on_limit, takeover);
    event_add(takeover->readable, NULL);
    event_add(takeover->limit, &limit);
}

void takeover_begin(struct service *service)
{
    struct takeover *takeover = service->takeover;
    struct hub *hub = service->hub;
    struct spawn new_process = {.program = takeover->program, .config_path = hub_config(hub)->path};
    char number[64];
    struct error err;

    if (takeover->child != 0 || takeover_is_new_process(takeover) || service->drain.state != DRAIN_NONE) {
        log_warn(NULL, "hand-over not begun: %s",
                 service->drain.state != DRAIN_NONE ? "the proxy is going down" : "one is going on already");
        return;
    }
    new_process.debug = takeover->options->debug;
    new_process.fds = memory_new((hub_listener_count(hub) + 1) * sizeof(int));
    new_process.names = memory_new((hub_listener_count(hub) + 1) * sizeof(char *));
    describe_sockets(hub, &new_process);
    bool keeps = config_hands_on(hub_config(hub));
    snprintf(number, sizeof number, VARIABLE "=%zu:%zu%s", INHERITED_FIRST + new_process.count,
             servers_up(hub_servers(hub)), keeps ? PAST : "");
    new_process.variable = number;
    takeover->service = service;
    if (keeps)
        hub_begin_giving(hub);
    takeover->child = spawn_start(&new_process, &takeover->child_fd, &err);
    free(new_process.fds);
    free(new_process.names);
    if (takeover->child == 0) {
        takeover_failed(takeover, err.text);
        return;
    }
    log_info(NULL, "hand-over begins pid=%ld program=%s", (long)takeover->child, takeover->program);
    watch_child(takeover, service);
}

void takeover_abandon(struct takeover *takeover)
{
    if (takeover->child == 0)
        return;
    log_warn(NULL, "hand-over given up pid=%ld", (long)takeover->child);
    kill(takeover->child, SIGTERM);
    hub_take_back(takeover->service->hub);
    leave_child(takeover);
}
