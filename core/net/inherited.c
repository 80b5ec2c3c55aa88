// core/net/inherited.c: see inherited.h.
#include "net/inherited.h"

#include "base/log.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MOST 4096 // descriptors at most; a greater number is not believed

struct one {
    int fd; // -1: taken
    char name[INHERITED_NAME_SIZE];
};

struct inherited {
    struct one *list;
    size_t count;
};

/** Reads a decimal number from the environment. @return -1: it is absent or not a number */
static long number_of(const char *variable)
{
    const char *text = getenv(variable);
    char *end;
    long number;

    if (text == NULL || text[0] < '0' || text[0] > '9')
        return -1;
    errno = 0;
    number = strtol(text, &end, 10);
    return errno == 0 && *end == '\0' ? number : -1;
}

/** Copies the first name of the list `names`. @return the rest of the list */
static const char *next_name(const char *names, char *name)
{
    size_t length = strcspn(names, ":");

    snprintf(name, INHERITED_NAME_SIZE, "%.*s", (int)(length < 255 ? length : 255), names);
    return names + length + (names[length] == ':');
}

static bool is_listening(int fd)
{
    int accepts = 0, type = 0;
    socklen_t size = sizeof accepts, type_size = sizeof type;

    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &size) == 0 && accepts != 0 &&
           getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_size) == 0 && type == SOCK_STREAM;
}

static void take_one(struct inherited *inherited, int fd, const char *name)
{
    struct one *one = &inherited->list[inherited->count];
    char quoted[80];
    int flags = fcntl(fd, F_GETFL);

    if (flags == -1) {
        log_warn(NULL, "inherited descriptor does not exist fd=%d name=%s", fd,
                 log_quote(quoted, sizeof quoted, span_of(name)));
        return;
    }
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (!is_listening(fd)) {
        log_warn(NULL, "inherited descriptor closed: expected a listening stream socket fd=%d name=%s", fd,
                 log_quote(quoted, sizeof quoted, span_of(name)));
        close(fd);
        return;
    }
    fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    one->fd = fd;
    snprintf(one->name, sizeof one->name, "%s", name);
    inherited->count++;
}

struct inherited *inherited_take(void)
{
    struct inherited *inherited = memory_zero(1, sizeof *inherited);
    const char *names = getenv("LISTEN_FDNAMES");
    long count = number_of("LISTEN_PID") == (long)getpid() ? number_of("LISTEN_FDS") : 0;
    char name[INHERITED_NAME_SIZE];

    if (count > 0 && count <= MOST) {
        inherited->list = memory_zero((size_t)count, sizeof *inherited->list);
        for (int i = 0; i < (int)count; i++) {
            names = next_name(names == NULL ? "" : names, name);
            take_one(inherited, INHERITED_FIRST + i, name);
        }
    } else if (count != 0) {
        log_warn(NULL, "inherited sockets ignored: expected LISTEN_FDS to be a number up to %d", MOST);
    }
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return inherited;
}

void inherited_destroy(struct inherited *inherited, void (*dropped)(const char *name))
{
    char quoted[80];

    for (size_t i = 0; i < inherited->count; i++) {
        struct one *one = &inherited->list[i];
        if (one->fd == -1)
            continue;
        log_warn(NULL, "inherited socket closed: no listener is configured for it fd=%d name=%s", one->fd,
                 log_quote(quoted, sizeof quoted, span_of(one->name)));
        close(one->fd);
        if (dropped != NULL)
            dropped(one->name);
    }
    free(inherited->list);
    free(inherited);
}

void inherited_name(char *name, const char *address, uint16_t port)
{
    snprintf(name, INHERITED_NAME_SIZE, "%.200s_%u", address, port);
    for (char *at = name; *at != '\0'; at++) {
        if (*at == ':' || *at <= ' ' || *at > '~')
            *at = '_';
    }
}

// --- which socket is whose --------------------------------------------------------------------------------------

static bool same_address(const struct sockaddr_storage *bound, const struct sockaddr *wanted)
{
    if (bound->ss_family != wanted->sa_family)
        return false;
    if (bound->ss_family == AF_INET) {
        const struct sockaddr_in *a = (const struct sockaddr_in *)bound, *b = (const struct sockaddr_in *)wanted;
        return a->sin_port == b->sin_port && a->sin_addr.s_addr == b->sin_addr.s_addr;
    }
    const struct sockaddr_in6 *a = (const struct sockaddr_in6 *)bound, *b = (const struct sockaddr_in6 *)wanted;
    return bound->ss_family == AF_INET6 && a->sin6_port == b->sin6_port &&
           memcmp(&a->sin6_addr, &b->sin6_addr, sizeof a->sin6_addr) == 0;
}

/** Is the socket bound to `path` in the file system? */
static bool is_at_path(const struct sockaddr_storage *bound, const char *path)
{
    const struct sockaddr_un *own = (const struct sockaddr_un *)bound;

    return bound->ss_family == AF_UNIX && strncmp(own->sun_path, path, sizeof own->sun_path) == 0;
}

static bool is_bound_to(int fd, const char *address, uint16_t port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    struct sockaddr_storage bound = {0};
    socklen_t size = sizeof bound;
    bool everything = strcmp(address, "*") == 0, same = false;
    char service[8];

    if (getsockname(fd, (struct sockaddr *)&bound, &size) != 0)
        return false;
    if (strncmp(address, "unix:", 5) == 0)
        return is_at_path(&bound, address + 5);
    snprintf(service, sizeof service, "%u", port);
    if (port == 0 || getaddrinfo(everything ? "::" : address, service, &hints, &found) != 0)
        return false;
    for (const struct addrinfo *info = found; info != NULL && !same; info = info->ai_next)
        same = same_address(&bound, info->ai_addr);
    freeaddrinfo(found);
    return same;
}

/** A name that the earlier process made shows the configured address. It counts only if the kernel chose the port;
 *  otherwise the address of the socket decides. */
static bool inherited_fits(const struct one *one, const char *own, const char *configured, const char *address,
                           uint16_t port)
{
    if (configured != NULL && strcmp(one->name, configured) == 0)
        return true;
    return (port == 0 && strcmp(one->name, own) == 0) || is_bound_to(one->fd, address, port);
}

int inherited_find(struct inherited *inherited, const char *own, const char *configured, const char *address,
                   uint16_t port, char *name)
{
    for (size_t i = 0; i < inherited->count; i++) {
        struct one *one = &inherited->list[i];
        if (one->fd == -1 || !inherited_fits(one, own, configured, address, port))
            continue;
        int fd = one->fd;
        one->fd = -1;
        memcpy(name, one->name, INHERITED_NAME_SIZE);
        return fd;
    }
    return -1;
}
