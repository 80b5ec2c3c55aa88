// core/net/unix_socket.c: see unix_socket.h.
#include "net/unix_socket.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

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

bool unix_socket_has_private_place(const char *path, struct error *err)
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
static bool set_rights(const char *path, const struct unix_rights *rights, struct error *err)
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
    return listen(fd, LISTEN_BACKLOG) == 0 || error_set(err, "listen unix:%s: %s", path, strerror(errno));
}

int unix_socket_open(const char *path, const struct unix_rights *rights, struct error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    if (strlen(path) >= sizeof address.sun_path) {
        error_set(err, "listen unix:%s: the path is longer than %zu bytes", path, sizeof address.sun_path - 1);
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd != -1 && is_left_over(&address))
        unlink(path);
    if (fd == -1 || bind(fd, (struct sockaddr *)&address, sizeof address) == -1) {
        bind_error(err, path, errno);
        if (fd != -1)
            close(fd);
        return -1;
    }
    if ((rights != NULL && !set_rights(path, rights, err)) || !start_listening(fd, path, err)) {
        unlink(path);
        close(fd);
        return -1;
    }
    return fd;
}
