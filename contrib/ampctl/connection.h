// contrib/ampctl/connection.h: one connection to the proxy. Functions wait in the event loop until they have their
// result, the connection is lost, the time limit is reached, or a signal comes (SIGINT, SIGTERM: connection_interrupt).
// Thread: main's.
#ifndef AMPCTL_CONNECTION_H
#define AMPCTL_CONNECTION_H

#include "ami/message.h"
#include "base/error.h"
#include "target.h"

#include <stdint.h>

struct connection;
struct evbuffer;
struct event_base;

enum connection_result {
    CONNECTION_READY,
    CONNECTION_LOST, // closed or failed: connection_error() says why
    CONNECTION_LATE  // nothing in time, or a signal
};

/** Connects, to each of the host's addresses in turn, and encrypts if the target says so. The first line (the banner)
 *  is taken off later, before the first message.
 *  @param target  lent; outlives the connection  @param timeout_ms  of each try
 *  @return NULL with `err` set */
struct connection *connection_open(struct event_base *base, const struct target *target, uint64_t timeout_ms,
                                   struct error *err);
/** Waits for the first line, the banner. @param text  set to its beginning, `size` bytes with the NUL */
enum connection_result connection_banner(struct connection *connection, uint64_t timeout_ms, char *text, size_t size);
/** Closes; NULL is fine. */
void connection_close(struct connection *connection);
/** Is the connection safe from eavesdropping: encrypted, loopback or a unix socket? */
bool connection_is_private(const struct connection *connection);
bool connection_is_encrypted(const struct connection *connection);
/** Sends the message (borrowed). Bytes that do not fit are sent during later waits. */
void connection_send(struct connection *connection, const struct message *message);
/** Gets the next message, the caller's. @param timeout_ms  how long to wait; 0: only messages that have come already
 *  @param message  set if the result is CONNECTION_READY */
enum connection_result connection_next(struct connection *connection, uint64_t timeout_ms, struct message **message);
/** For formats that are not parsed: appends incoming bytes to the buffer of connection_raw(). READY: some have come. */
enum connection_result connection_fill(struct connection *connection, uint64_t timeout_ms);
struct evbuffer *connection_raw(const struct connection *connection);
/** Sets `err` to the reason why the connection was lost, or to the time limit. */
void connection_error(const struct connection *connection, enum connection_result result, struct error *err);

#endif
