// core/run/process.c: see process.h.
#include "run/process.h"

#include "base/log.h"
#include "hub/hub.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOP_FILES 4    // of each loop: epoll, eventfds, the socket pair for signals
#define LEAST_CLIENTS 4 // fewer clients are of no use

// Global: a process has one parent. The pipe to the parent that waits; -1: none.
static int ready_fd = -1;

/** The signals that are held at the start. The first process of a container would never see an early SIGTERM: the
 * kernel drops it where there is no handler. Every other process ends of it, which is what its sender wants. */
static void mask_signals(int how)
{
    sigset_t held;

    sigemptyset(&held);
    sigaddset(&held, SIGHUP);
    if (getpid() == 1) {
        sigaddset(&held, SIGTERM);
        sigaddset(&held, SIGINT);
    }
    pthread_sigmask(how, &held, NULL);
}

void process_hold_signals(void)
{
    mask_signals(SIG_BLOCK);
}

void process_release_signals(void)
{
    mask_signals(SIG_UNBLOCK);
}

/** Runs in the parent: waits for one byte, or for the end of the child. */
static void wait_for_child(int fd, pid_t child)
{
    char byte;
    int status = 0;

    if (read(fd, &byte, 1) == 1)
        _exit(0);
    waitpid(child, &status, 0);
    _exit(WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : 1);
}

bool process_background(struct error *err)
{
    int pipe_fds[2];
    pid_t child;

    if (pipe2(pipe_fds, O_CLOEXEC) == -1)
        return error_set(err, "cannot go to the background: %s", strerror(errno));
    child = fork();
    if (child == -1)
        return error_set(err, "cannot go to the background: %s", strerror(errno));
    if (child > 0) {
        close(pipe_fds[1]);
        wait_for_child(pipe_fds[0], child);
    }
    close(pipe_fds[0]);
    ready_fd = pipe_fds[1];
    setsid();
    return true;
}

void process_ready(void)
{
    int null_fd;

    if (ready_fd == -1)
        return;
    null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null_fd != -1) {
        dup2(null_fd, STDIN_FILENO);
        dup2(null_fd, STDOUT_FILENO);
        dup2(null_fd, STDERR_FILENO);
        close(null_fd);
    }
    if (chdir("/") == -1)
        log_warn(NULL, "cannot change to / reason=\"%s\"", strerror(errno));
    if (write(ready_fd, "", 1) != 1)
        log_warn(NULL, "the parent process is gone");
    close(ready_fd);
    ready_fd = -1;
}

void process_raise_limits(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
        return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
        log_warn(NULL, "cannot raise the limit of open files reason=\"%s\"", strerror(errno));
}

/** Counts the descriptors below 4,096 that are open now. */
static size_t count_open(void)
{
    size_t count = 0;

    for (int fd = 0; fd < 4096; fd++)
        count += fcntl(fd, F_GETFD) != -1;
    return count;
}

bool process_check_files(const struct config *config, struct error *err)
{
    size_t servers = 0, loops = LOOP_FILES * ((size_t)config->workers + 1), needed;
    struct rlimit limit;

    for (size_t i = 0; i < config->server_count; i++)
        servers += config->servers[i].lanes;
    needed = count_open() + config->listen_count + servers + loops + HUB_DESCRIPTOR_RESERVE + LEAST_CLIENTS;
    if (getrlimit(RLIMIT_NOFILE, &limit) == -1 || limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= needed)
        return true;
    return error_set(err,
                     "the limit of open files is %llu, but %zu are needed: %zu for listeners, %zu for servers, %zu for "
                     "workers, %d in reserve, and some for clients; raise it (ulimit -n, LimitNOFILE= of the service)",
                     (unsigned long long)limit.rlim_cur, needed, config->listen_count, servers, loops,
                     HUB_DESCRIPTOR_RESERVE);
}

static bool find_ids(const char *user, const char *group, struct passwd **account, gid_t *gid, struct error *err)
{
    struct group *found;

    errno = 0;
    *account = getpwnam(user);
    if (*account == NULL)
        return error_set(err, "process.user: expected a user of this system; found \"%s\"", user);
    *gid = (*account)->pw_gid;
    if (group == NULL)
        return true;
    found = getgrnam(group);
    if (found == NULL)
        return error_set(err, "process.group: expected a group of this system; found \"%s\"", group);
    *gid = found->gr_gid;
    return true;
}

/** Gives a file that root has opened or created to the user of the process: the log is opened again after SIGHUP, and a
 *  new process writes the process id. */
static void hand_over_file(const char *path, uid_t uid, gid_t gid)
{
    if (path[0] == '/' && lchown(path, uid, gid) == -1)
        log_warn(NULL, "cannot hand over the file=%s reason=\"%s\"", path, strerror(errno));
}

bool process_drop_privileges(const char *user, const char *group, const char *log_to, const char *audit_to,
                             const char *pid_file, struct error *err)
{
    struct passwd *account;
    gid_t gid = 0;

    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (geteuid() != 0)
        return true;
    if (user == NULL)
        return error_set(err, "started as root: expected process.user to name who to become; found none");
    if (!find_ids(user, group, &account, &gid, err))
        return false;
    if (account->pw_uid == 0)
        return error_set(err, "process.user: expected a user without privileges; found \"%s\"", user);
    hand_over_file(log_to, account->pw_uid, gid);
    if (audit_to != NULL)
        hand_over_file(audit_to, account->pw_uid, gid);
    if (pid_file != NULL)
        hand_over_file(pid_file, account->pw_uid, gid);
    if (initgroups(user, gid) == -1 || setgid(gid) == -1 || setuid(account->pw_uid) == -1)
        return error_set(err, "cannot become user %s: %s", user, strerror(errno));
    if (setuid(0) != -1)
        return error_set(err, "privileges came back after they were dropped");
#ifdef __SANITIZE_ADDRESS__
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); // the leak sanitizer reads the process through ptrace at the end
#endif
    return true;
}

bool process_write_pid(const char *path, struct error *err)
{
    FILE *file;

    if (path == NULL)
        return true;
    file = fopen(path, "we");
    if (file == NULL)
        return error_set(err, "process.pid_file %s: %s", path, strerror(errno));
    fprintf(file, "%ld\n", (long)getpid());
    if (fclose(file) != 0)
        return error_set(err, "process.pid_file %s: %s", path, strerror(errno));
    return true;
}
