// core/net/listener.c: see listener.h.
#include "net/listener.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "net/inherited.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 1024
#define ACCEPTS_PER_TURN 64
#define PAUSE_MS 100L
#define COMPLAIN_EVERY_MS 60000

struct listener {
    int fd;
    char address[sizeof(struct sockaddr_un)];
    char *unix_path; // removed at the end, NULL: not a unix socket, or another's
    dev_t device;    // of the socket's file, so that another file with this path is not removed
    ino_t inode;
    char name[INHERITED_NAME_SIZE];
    bool given;
    struct event *event, *resume;
    listener_callback *callback;
    void *context;
    uint64_t complained_ms;
};

static void format_address(char *text, size_t size, const struct sockaddr_storage *address)
{
    char host[INET6_ADDRSTRLEN] = "";

    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)address;
        inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
        snprintf(text, size, "%s:%u", host, ntohs(in->sin_port));
    } else if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)address;
        bool mapped = IN6_IS_ADDR_V4MAPPED(&in->sin6_addr);
        inet_ntop(mapped ? AF_INET : AF_INET6, mapped ? &in->sin6_addr.s6_addr[12] : in->sin6_addr.s6_addr, host,
                  sizeof host);
        snprintf(text, size, mapped ? "%s:%u" : "[%s]:%u", host, ntohs(in->sin6_port));
    } else {
        snprintf(text, size, "unix");
    }
}

static struct listener *listener_wrap(int fd)
{
    struct listener *listener = memory_zero(1, sizeof *listener);
    struct sockaddr_storage bound = {0};
    socklen_t size = sizeof bound;

    listener->fd = fd;
    if (getsockname(fd, (struct sockaddr *)&bound, &size) == 0)
        format_address(listener->address, sizeof listener->address, &bound);
    return listener;
}

static void own_path(struct listener *listener, const char *path)
{
    struct stat status = {0};

    listener->unix_path = memory_text(path);
    if (lstat(path, &status) == 0) {
        listener->device = status.st_dev;
        listener->inode = status.st_ino;
    }
    snprintf(listener->address, sizeof listener->address, "unix:%.100s", path);
}

/** Removes the socket's file, unless another file has its path by now. */
static void remove_path(const struct listener *listener)
{
    struct stat status;

    if (lstat(listener->unix_path, &status) == 0 && S_ISSOCK(status.st_mode) && status.st_dev == listener->device &&
        status.st_ino == listener->inode)
        unlink(listener->unix_path);
}

/** Is it a unix socket on which nobody listens, left over from a crash? Only a refused connection proves that: a socket
 *  with a full queue, or of another type, gives another error. Other files and symbolic links are never stale sockets.
 */
static bool is_left_over(const struct sockaddr_un *address)
{
    struct stat status;
    int probe;
    bool left;

    if (lstat(address->sun_path, &status) == -1 || !S_ISSOCK(status.st_mode))
        return false;
    probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    left =
        probe != -1 && connect(probe, (const struct sockaddr *)address, sizeof *address) == -1 && errno == ECONNREFUSED;
    if (probe != -1)
        close(probe);
    return left;
}

/** Sets `err` to the reason why bind() failed. An existing file is not removed. */
static void bind_error(struct error *err, const char *path, int failure)
{
    struct stat status;

    if (failure == EADDRINUSE && lstat(path, &status) == 0 && !S_ISSOCK(status.st_mode))
        error_set(err, "listen unix:%s: expected no file there, or a socket that nobody listens on; found another file",
                  path);
    else
        error_set(err, "listen unix:%s: %s", path, strerror(failure));
}

/** Who may connect to a unix socket. */
struct rights {
    mode_t mode;
    const char *group; // NULL: the process's
};

/** Is the folder one in which only its owner and group can replace files? */
static bool is_private_place(const char *path, struct error *err)
{
    char folder[sizeof(struct sockaddr_un)];
    struct stat status;

    snprintf(folder, sizeof folder, "%s", path);
    *strrchr(folder, '/') = '\0';
    if (stat(folder[0] == '\0' ? "/" : folder, &status) == -1)
        return error_set(err, "listen unix:%s: %s", path, strerror(errno));
    return (status.st_mode & S_IWOTH) == 0 ||
           error_set(err,
                     "listen unix:%s: expected a folder that only its owner can write to (chmod o-w); found mode %04o",
                     path, (unsigned)(status.st_mode & 07777));
}

/** Sets the rights of a bound socket, to which nobody can connect before it listens. */
static bool set_rights(const char *path, const struct rights *rights, struct error *err)
{
    const struct group *group = rights->group == NULL ? NULL : getgrnam(rights->group);

    if (rights->group != NULL && group == NULL)
        return error_set(err, "listen unix:%s: expected a group that exists; found \"%s\"", path, rights->group);
    if (group != NULL && lchown(path, (uid_t)-1, group->gr_gid) == -1)
        return error_set(err, "listen unix:%s: cannot give the socket to the group %s: %s", path, rights->group,
                         strerror(errno));
    return chmod(path, rights->mode) == 0 ||
           error_set(err, "listen unix:%s: cannot set its mode: %s", path, strerror(errno));
}

static bool start_listening(int fd, const char *path, struct error *err)
{
    return listen(fd, BACKLOG) == 0 || error_set(err, "listen unix:%s: %s", path, strerror(errno));
}

/** @param rights  NULL: those that the umask leaves */
static struct listener *open_unix(const char *path, const struct rights *rights, struct error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct listener *listener = NULL;
    int fd = -1;

    if (strlen(path) >= sizeof address.sun_path) {
        error_set(err, "listen unix:%s: the path is longer than %zu bytes", path, sizeof address.sun_path - 1);
        return NULL;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd != -1 && is_left_over(&address))
        unlink(path);
    if (fd == -1 || bind(fd, (struct sockaddr *)&address, sizeof address) == -1) {
        bind_error(err, path, errno);
        if (fd != -1)
            close(fd);
        return NULL;
    }
    if ((rights != NULL && !set_rights(path, rights, err)) || !start_listening(fd, path, err)) {
        unlink(path);
        close(fd);
        return NULL;
    }
    listener = listener_wrap(fd);
    own_path(listener, path);
    return listener;
}

static int bind_one(const struct addrinfo *info, bool both_families)
{
    int on = 1, off = !both_families;
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd == -1)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (info->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(fd, info->ai_addr, info->ai_addrlen) == -1 || listen(fd, BACKLOG) == -1) {
        int failure = errno;
        close(fd);
        errno = failure;
        return -1;
    }
    return fd;
}

/** @return the bound socket, -1 with `err` */
static int open_inet(const char *address, uint16_t port, struct error *err)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    bool everything = strcmp(address, "*") == 0;
    char service[8];
    int fd = -1, failure;

    snprintf(service, sizeof service, "%u", port);
    failure = getaddrinfo(everything ? "::" : address, service, &hints, &found);
    if (failure != 0) {
        error_set(err, "listen %s: %s", address, gai_strerror(failure));
        return -1;
    }
    fd = bind_one(found, everything);
    freeaddrinfo(found);
    if (fd == -1 && everything && errno == EAFNOSUPPORT) // a kernel without IPv6
        return open_inet("0.0.0.0", port, err);
    if (fd == -1)
        error_set(err, "listen %s port %u: %s", address, port, strerror(errno));
    return fd;
}

struct listener *listener_open(const char *address, uint16_t port, struct error *err)
{
    struct listener *listener;

    if (strncmp(address, "unix:", 5) == 0) {
        listener = open_unix(address + 5, NULL, err);
    } else {
        int fd = open_inet(address, port, err);
        listener = fd == -1 ? NULL : listener_wrap(fd);
    }
    if (listener != NULL)
        inherited_name(listener->name, address, port);
    return listener;
}

struct listener *listener_open_private(const char *address, const char *group, struct error *err)
{
    const char *path = address + strlen("unix:");
    struct rights rights = {group == NULL ? 0600 : 0660, group};
    struct listener *listener = is_private_place(path, err) ? open_unix(path, &rights, err) : NULL;

    if (listener != NULL)
        inherited_name(listener->name, address, 0);
    return listener;
}

struct listener *listener_adopt(int fd, const char *name, bool given)
{
    struct listener *listener = listener_wrap(fd);
    struct sockaddr_un bound = {0};
    socklen_t size = sizeof bound;

    snprintf(listener->name, sizeof listener->name, "%s", name);
    listener->given = given;
    if (getsockname(fd, (struct sockaddr *)&bound, &size) == 0 && bound.sun_family == AF_UNIX)
        own_path(listener, bound.sun_path);
    if (given)
        listener_hand_on(listener);
    return listener;
}

bool listener_is_private(const struct listener *listener, const char *group, struct error *err)
{
    const struct group *known = group == NULL ? NULL : getgrnam(group);
    struct sockaddr_un bound = {0};
    socklen_t size = sizeof bound;
    const char *path = bound.sun_path;
    struct stat status;

    if (getsockname(listener->fd, (struct sockaddr *)&bound, &size) == -1 || lstat(path, &status) == -1)
        return error_set(err, "listen unix:%s: %s", path, strerror(errno));
    bool others = (status.st_mode & S_IWOTH) != 0;
    bool strangers = (status.st_mode & S_IWGRP) != 0 && (known == NULL || known->gr_gid != status.st_gid);
    return (!others && !strangers) ||
           error_set(err,
                     "listen unix:%s: expected a socket to which only its owner%s%s can connect; found mode %04o, "
                     "group %u",
                     path, group == NULL ? "" : " and the group ", group == NULL ? "" : group,
                     (unsigned)(status.st_mode & 07777), (unsigned)status.st_gid);
}

const char *listener_name(const struct listener *listener)
{
    return listener->name;
}

bool listener_is_given(const struct listener *listener)
{
    return listener->given;
}

int listener_descriptor(const struct listener *listener)
{
    return listener->fd;
}

void listener_hand_on(struct listener *listener)
{
    free(listener->unix_path);
    listener->unix_path = NULL;
}

static void on_resume(evutil_socket_t fd, short what, void *argument)
{
    struct listener *listener = argument;
    (void)fd;
    (void)what;
    event_add(listener->event, NULL);
}

/** While no descriptor is free, the socket stays readable: without a pause the loop would spin. */
static void pause_accepting(struct listener *listener, int failure)
{
    struct timeval pause = {0, PAUSE_MS * 1000};
    uint64_t now = clock_ms();

    event_del(listener->event);
    event_add(listener->resume, &pause);
    if (listener->complained_ms == 0 || now - listener->complained_ms >= COMPLAIN_EVERY_MS) {
        log_error(NULL, "cannot accept connections listener=%s reason=\"%s\"", listener->address, strerror(failure));
        listener->complained_ms = now;
    }
}

static void on_acceptable(evutil_socket_t fd, short what, void *argument)
{
    struct listener *listener = argument;
    (void)what;

    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        struct sockaddr_storage peer = {0};
        socklen_t size = sizeof peer;
        char text[LISTENER_ADDRESS_SIZE];
        int accepted = accept4(fd, (struct sockaddr *)&peer, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (accepted == -1) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
                pause_accepting(listener, errno);
            return;
        }
        format_address(text, sizeof text, &peer);
        listener->callback(accepted, text, listener->context);
    }
}

void listener_start(struct listener *listener, struct event_base *base, listener_callback *callback, void *context)
{
    listener->callback = callback;
    listener->context = context;
    listener->event = event_new(base, listener->fd, EV_READ | EV_PERSIST, on_acceptable, listener);
    listener->resume = evtimer_new(base, on_resume, listener);
    event_add(listener->event, NULL);
}

void listener_close(struct listener *listener)
{
    if (listener == NULL)
        return;
    if (listener->event != NULL)
        event_free(listener->event);
    if (listener->resume != NULL)
        event_free(listener->resume);
    close(listener->fd);
    if (listener->unix_path != NULL)
        remove_path(listener);
    free(listener->unix_path);
    free(listener);
}

const char *listener_address(const struct listener *listener)
{
    return listener->address;
}
