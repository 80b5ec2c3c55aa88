// core/net/inherited.h: listening sockets that the process was started with: by a service manager (socket activation,
// its descriptor store) or by the old process in a takeover. The protocol is that of sd_listen_fds(3): LISTEN_PID
// is the process that they are for, LISTEN_FDS their number, beginning at descriptor 3, LISTEN_FDNAMES their names,
// separated by `:`. It is read here and not by libsystemd, because a takeover must work without libsystemd. Thread:
// main, before any other was started.
#ifndef NET_INHERITED_H
#define NET_INHERITED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INHERITED_FIRST 3
#define INHERITED_NAME_SIZE 256 // of a name, NUL included (systemd: at most 255 characters)

struct inherited;

/** Takes the descriptors of LISTEN_FDS: they become close-on-exec and non-blocking, and the variables are unset, so
 * that no child takes the descriptors for its own. Closes descriptors that are not listening stream sockets, and logs
 * it.
 *  @return never NULL; the caller destroys it */
struct inherited *inherited_take(void);
/** Closes the sockets that no listener took, and logs each.
 *  @param dropped  called with each name, for a descriptor store; may be NULL */
void inherited_destroy(struct inherited *inherited, void (*dropped)(const char *name));
/** Finds the socket for a listener: by `address` and `port`, or by its name if the port is 0 (any) or the socket comes
 *  from a socket unit.
 *  @param own  inherited_name() of the listener
 *  @param configured  `listen[].name`, NULL: none
 *  @param name  set to the socket's name, at most INHERITED_NAME_SIZE
 *  @return the descriptor, which the caller owns; -1: there is none */
int inherited_find(struct inherited *inherited, const char *own, const char *configured, const char *address,
                   uint16_t port, char *name);
/** A listener's name in the form allowed for descriptors: `127.0.0.1_1234`. @param name  INHERITED_NAME_SIZE bytes */
void inherited_name(char *name, const char *address, uint16_t port);

#endif
