// core/net/listener.h: listening sockets. Opened (bound) before privileges are dropped, started later.
// Thread: the loop that accepts.
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include "base/address_rules.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct listener;

/** Length of a printable address, NUL included: "[2001:db8::1]:5038", "unix". */
#define LISTENER_ADDRESS_SIZE ADDRESS_PRINT_SIZE

/** Called for each connection. The callee owns `fd`, which is non-blocking and close-on-exec. */
typedef void listener_callback(int fd, const char *address, void *context);

/** Binds and listens. @param address  IPv4, IPv6, host name, "*" (all, both families) or "unix:/path"
 *  @return NULL with `err` set: which address, and the system's reason */
struct listener *listener_open(const char *address, uint16_t port, struct error *err);
/** Binds and listens on a unix socket to which only its owner may connect. The rights are set before the first
 *  connection is possible. Refused in a folder that everybody may write to, where others could replace the socket.
 *  @param address  "unix:/path"  @param group  whose members may connect, too; NULL: none
 *  @return NULL with `err` set */
struct listener *listener_open_private(const char *address, const char *group, struct error *err);
/** May only its owner, and members of `group` (NULL: of none), connect to this unix socket? For one that was inherited.
 *  @return false with `err` set */
bool listener_is_private(const struct listener *listener, const char *group, struct error *err);
/** Takes an inherited socket (inherited.h): listening, non-blocking.
 *  @param name  its name when it is passed on; copied
 *  @param given  a service manager created it and keeps it: listener_close() leaves the file of a unix socket
 *  @return never NULL */
struct listener *listener_adopt(int fd, const char *name, bool given);
/** The socket's name when it is passed on, and whether a service manager created it. */
const char *listener_name(const struct listener *listener);
bool listener_is_given(const struct listener *listener);
/** Its descriptor, lent. */
int listener_descriptor(const struct listener *listener);
/** Another process has taken over the socket: listener_close() leaves the file of a unix socket. */
void listener_hand_on(struct listener *listener);
/** Starts to accept. If no descriptor is left, it pauses for 100 ms at a time and logs this once a minute. */
void listener_start(struct listener *listener, struct event_base *base, listener_callback *callback, void *context);
/** Closes the socket; a unix socket's file is removed. NULL is fine. */
void listener_close(struct listener *listener);
/** Where it listens, as clients would write it: "127.0.0.1:1234" (with the port that the system chose). */
const char *listener_address(const struct listener *listener);

#endif
