// core/run/spawn.c: see spawn.h. Between fork and exec only functions that are safe there are called
// (signal-safety(7)), because other threads may hold any lock at that moment. All memory is allocated before.
#include "run/spawn.h"

#include "base/decimal.h"
#include "base/memory.h"
#include "net/inherited.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ARGUMENTS 16

/** What the child needs. It is made before fork(). */
struct plan {
    const struct spawn *spawn;
    char *arguments[ARGUMENTS];
    char **environment;
    char **owned; // the entries of `environment` that this file has allocated
    size_t owned_count;
    char listen_pid[sizeof "LISTEN_PID=" + DECIMAL_DIGITS], watchdog_pid[sizeof "WATCHDOG_PID=" + DECIMAL_DIGITS];
    int told_fd; // the child's end of the connection
};

static bool is_replaced(const char *entry)
{
    static const char *const names[] = {"LISTEN_PID=", "LISTEN_FDS=", "LISTEN_FDNAMES=", "WATCHDOG_PID="};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strncmp(entry, names[i], strlen(names[i])) == 0)
            return true;
    }
    return false;
}

/** Writes `LISTEN_FDNAMES=a:b`. The caller frees it. */
static char *join_names(const struct spawn *spawn)
{
    static const char head[] = "LISTEN_FDNAMES=";
    size_t size = sizeof head, used = sizeof head - 1;

    for (size_t i = 0; i < spawn->count; i++)
        size += strlen(spawn->names[i]) + 1;
    char *text = memory_new(size);
    memcpy(text, head, sizeof head);
    for (size_t i = 0; i < spawn->count; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i == 0 ? "" : ":", spawn->names[i]);
    return text;
}

static void plan_environment(struct plan *plan)
{
    const struct spawn *spawn = plan->spawn;
    size_t count = 0, used = 0;
    char number[64];

    while (environ[count] != NULL)
        count++;
    plan->environment = memory_zero(count + 6, sizeof(char *));
    for (size_t i = 0; i < count; i++) {
        if (!is_replaced(environ[i]))
            plan->environment[used++] = environ[i];
    }
    if (getenv("WATCHDOG_PID") != NULL)
        plan->environment[used++] = plan->watchdog_pid;
    snprintf(number, sizeof number, "LISTEN_FDS=%zu", spawn->count);
    plan->owned = &plan->environment[used];
    plan->owned[0] = memory_text(number);
    plan->owned[1] = join_names(spawn);
    plan->owned[2] = memory_text(spawn->variable);
    plan->owned_count = 3;
    plan->environment[used + 3] = plan->listen_pid;
}

static void plan_arguments(struct plan *plan)
{
    const char *const first[] = {plan->spawn->program, "-f", "-c", plan->spawn->config_path};
    size_t used = 0;

    // execve() declares no const, but changes nothing.
    while (used < sizeof first / sizeof *first) {
        plan->arguments[used] = memory_writable(first[used]);
        used++;
    }
    for (unsigned i = 0; i < plan->spawn->debug && i < 2; i++)
        plan->arguments[used++] = memory_writable("-d");
}

static void finish_plan(struct plan *plan)
{
    for (size_t i = 0; i < plan->owned_count; i++)
        free(plan->owned[i]);
    free(plan->environment);
}

// --- in the child -----------------------------------------------------------------------------------------------

/** Writes NAME=NUMBER without printf, which is not safe after fork(). */
static void write_pid(char *text, const char *name, pid_t pid)
{
    *decimal_write(stpcpy(text, name), (uint64_t)pid) = '\0';
}

/** Moves the descriptors to the numbers that the protocol requires. First all move to higher numbers, because one may
 *  have the number that another needs. */
static bool place_descriptors(struct plan *plan)
{
    const struct spawn *spawn = plan->spawn;
    int above = INHERITED_FIRST + (int)spawn->count + 1;
    int told = fcntl(plan->told_fd, F_DUPFD_CLOEXEC, above);

    for (size_t i = 0; i < spawn->count; i++) {
        spawn->fds[i] = fcntl(spawn->fds[i], F_DUPFD_CLOEXEC, above);
        if (spawn->fds[i] == -1)
            return false;
    }
    for (size_t i = 0; i < spawn->count; i++) {
        if (dup2(spawn->fds[i], INHERITED_FIRST + (int)i) == -1)
            return false;
    }
    return told != -1 && dup2(told, above - 1) != -1;
}

/** Resets signal handlers in the child. Signals stay blocked meanwhile, so that none is lost. */
static void reset_signals(void)
{
    static const int caught[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR2};
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigset_t none;

    for (size_t i = 0; i < sizeof caught / sizeof caught[0]; i++)
        sigaction(caught[i], &standard, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void run_child(struct plan *plan)
{
    static const char words[] = "the new program could not be executed\n";
    pid_t pid = getpid();

    write_pid(plan->listen_pid, "LISTEN_PID=", pid);
    write_pid(plan->watchdog_pid, "WATCHDOG_PID=", pid);
    reset_signals();
    if (place_descriptors(plan))
        execve(plan->arguments[0], plan->arguments, plan->environment);
    if (write(plan->told_fd, words, sizeof words - 1) == -1)
        _exit(126);
    _exit(127);
}

// --- in the parent ----------------------------------------------------------------------------------------------

static pid_t spawn_fork(struct plan *plan, struct error *err)
{
    sigset_t all, before;
    pid_t child;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    child = fork();
    if (child == 0)
        run_child(plan);
    int failure = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (child != -1)
        return child;
    error_set(err, "cannot fork: %s", strerror(failure));
    return 0;
}

pid_t spawn_start(const struct spawn *spawn, int *told_fd, struct error *err)
{
    struct plan plan = {.spawn = spawn};
    int fds[2];
    pid_t child;

    *told_fd = -1;
    if (access(spawn->program, X_OK) == -1) {
        error_set(err, "%s cannot be executed: %s", spawn->program, strerror(errno));
        return 0;
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == -1) {
        error_set(err, "cannot make a connection to it: %s", strerror(errno));
        return 0;
    }
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    plan.told_fd = fds[1];
    plan_arguments(&plan);
    plan_environment(&plan);
    child = spawn_fork(&plan, err);
    finish_plan(&plan);
    close(fds[1]);
    if (child == 0)
        close(fds[0]);
    else
        *told_fd = fds[0];
    return child;
}
