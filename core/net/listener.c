// core/net/listener.c: see listener.h.
#include "net/listener.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "net/client_options.h"
#include "net/inherited.h"
#include "net/unix_socket.h"

#include <errno.h>
#include <event2/event.h>
#include <grp.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

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
    int early; // how many of the next connections may have come before the socket had the options of client_options.h
    struct event *event, *resume;
    listener_callback *callback;
    void *context;
    uint64_t complained_ms;
};

static void format_address(char text[LISTENER_ADDRESS_SIZE], const struct sockaddr_storage *from)
{
    struct address address;
    uint16_t port;

    if (from->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)from;
        address = address_from_ipv4((const unsigned char *)&in->sin_addr.s_addr);
        port = ntohs(in->sin_port);
    } else if (from->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)from;
        address = address_from_ipv6(in->sin6_addr.s6_addr);
        port = ntohs(in->sin6_port);
    } else {
        snprintf(text, LISTENER_ADDRESS_SIZE, "unix");
        return;
    }
    address_print(&address, port, text);
}

static struct listener *listener_wrap(int fd)
{
    struct listener *listener = memory_zero(1, sizeof *listener);
    struct sockaddr_storage bound = {0};
    socklen_t size = sizeof bound;

    listener->fd = fd;
    if (getsockname(fd, (struct sockaddr *)&bound, &size) == 0)
        format_address(listener->address, &bound);
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

static struct listener *open_unix(const char *path, const struct unix_rights *rights, struct error *err)
{
    int fd = unix_socket_open(path, rights, err);
    struct listener *listener = fd == -1 ? NULL : listener_wrap(fd);

    if (listener != NULL)
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
    if (bind(fd, info->ai_addr, info->ai_addrlen) == -1 || listen(fd, LISTEN_BACKLOG) == -1) {
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
    struct unix_rights rights = {group == NULL ? 0600 : 0660, group};
    struct listener *listener = unix_socket_has_private_place(path, err) ? open_unix(path, &rights, err) : NULL;

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

/** Returns how many connections wait to be accepted. That costs a tenth of an accept4() that finds none, as this makes
 *  the new socket first.
 *  @return -1: it is a unix socket, of which that is not known; INT_MAX: this kernel (an emulator's) does not tell */
static int count_waiting(const struct listener *listener)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof info;

    if (getsockopt(listener->fd, IPPROTO_TCP, TCP_INFO, &info, &size) == -1)
        return -1;
    if (size < offsetof(struct tcp_info, tcpi_unacked) + sizeof info.tcpi_unacked)
        return INT_MAX;
    return (int)info.tcpi_unacked; // that is what it means for a listening socket
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
        format_address(text, &peer);
        if (listener->early > 0) {
            client_options_set(accepted);
            listener->early--;
        }
        listener->callback(accepted, text, listener->context);
        if (count_waiting(listener) == 0)
            return;
    }
}

void listener_start(struct listener *listener, struct event_base *base, listener_callback *callback, void *context)
{
    client_options_set(listener->fd);
    listener->early = count_waiting(listener);
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
