// core/bus/link.h: one connection to one NATS server: libnats is called here. A connection that is lost is
// not mended by libnats but replaced, so that there is one way to connect, and each failure has a reason. Thread: the
// bus's; libnats's threads call what link.c gives them.
#ifndef BUS_LINK_H
#define BUS_LINK_H

#include "bus/inside.h"

struct link;

/** Connects to `url`; may take a second.
 *  @param refused  set: the server does not accept who this node is
 *  @return NULL with `err` set */
struct link *link_open(struct bus *bus, const char *url, uint64_t number, bool *refused, struct error *err);
/** Closes and frees. @param flush_ms  first sends what is written, if that takes no longer; 0: not */
void link_close(struct link *link, int64_t flush_ms);
/** Returns the number that link_open() was given. */
uint64_t link_number(const struct link *link);

enum link_result { LINK_SENT, LINK_BROKEN, LINK_TOO_LONG, LINK_REFUSED };

/** Sends a message; may take a second if the server does not read. `head` and `body` are lent, or NULL.
 *  @return LINK_BROKEN: the connection is not usable any more; LINK_REFUSED: the message has something that cannot be
 *  sent */
enum link_result link_publish(struct link *link, const char *subject, const char *reply, const struct message *head,
                              const struct bus_body *body);

/** Returns why the latest LINK_BROKEN came; lent. */
const char *link_reason(const struct link *link);

/** What a link has for each subject. */
struct link_subscription;
/** Subscribes. @return NULL: that failed */
struct link_subscription *link_subscribe(struct link *link, const char *subject);
/** Ends a subscription at once; it is freed when libnats does not call back for it any more. NULL is fine. */
void link_unsubscribe(struct link_subscription *subscription);

#endif
