// core/net/inherited.h: listening sockets that the process was started with: by a service manager (socket activation,
// its descriptor store) or by an earlier process of this program. The protocol is that of sd_listen_fds(3): LISTEN_PID
// is whom they are for, LISTEN_FDS how many there are from descriptor 3 on, LISTEN_FDNAMES their names with `:`
// between. It is read here and not by libsystemd, since a hand-over must work without that. Thread: main, before any
// other was started.
#ifndef NET_INHERITED_H
#define NET_INHERITED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INHERITED_FIRST 3
#define INHERITED_NAME_SIZE 256 // of a name, NUL included (systemd: at most 255 characters)

struct inherited;

/** Takes what LISTEN_FDS says: descriptors become close-on-exec and non-blocking, the variables are unset, so that no
 *  child takes them for its own. What is not a listening stream socket is closed with a line in the log.
 *  @return never NULL; the caller destroys it */
struct inherited *inherited_take(void);
/** Closes what nobody asked for, with a line in the log each.
 *  @param dropped  told each name, for a descriptor store; may be NULL */
void inherited_destroy(struct inherited *inherited, void (*dropped)(const char *name));
/** The socket for a listener: bound to what `address` and `port` mean, or, where that is any port (0) or the socket
 *  comes from a socket unit, of its name.
 *  @param own  what inherited_name() makes of the listener
 *  @param configured  `listen[].name`, NULL: none
 *  @param name  set to the name it came by, at most INHERITED_NAME_SIZE
 *  @return the caller's from here on; -1: there is none */
int inherited_find(struct inherited *inherited, const char *own, const char *configured, const char *address,
                   uint16_t port, char *name);
/** The name of a listener as descriptors may be called: `127.0.0.1_1234`. @param name  INHERITED_NAME_SIZE bytes */
void inherited_name(char *name, const char *address, uint16_t port);

#endif
