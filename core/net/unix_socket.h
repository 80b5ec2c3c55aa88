// core/net/unix_socket.h: listening unix sockets: their files, and who may connect.
// Thread: any.
#ifndef NET_UNIX_SOCKET_H
#define NET_UNIX_SOCKET_H

#include "base/error.h"

#include <stdbool.h>
#include <sys/types.h>

#define LISTEN_BACKLOG 1024 // connections that may wait for accept()

/** Who may connect to a unix socket. */
struct unix_rights {
    mode_t mode;
    const char *group; // NULL: the process's
};

/** Binds a unix socket and listens on it. A socket that a crash has left at the path is replaced, another file is not.
 *  @param rights  set before the first connection is possible; NULL: those that the umask leaves
 *  @return the descriptor, non-blocking and close-on-exec; -1 with `err` set */
int unix_socket_open(const char *path, const struct unix_rights *rights, struct error *err);
/** Is the folder of the path one in which only its owner and group can replace files? @return false with `err` set */
bool unix_socket_has_private_place(const char *path, struct error *err);

#endif
