// core/bus/bus.h: the connection to the NATS servers, over which the nodes of a cluster send each other messages. It
// knows subjects and bytes, nothing of Asterisks. A thread of its own calls libnats; it is given letters and gives
// letters.
//
//   hub ── bus_publish() ──> mailbox (bus_memory) ──> the bus thread ──> NATS
//   hub <── letters HUB_BUS ── mailbox (bus_memory) <── libnats's delivery thread <── NATS
//
// Delivery is at most once. The order of one node's messages is kept, over all subjects. It never fails because NATS is
// away: it connects in the background, for ever, to one of the servers at a time. What waits in the mailbox meanwhile
// is sent then, unless it is older than `dead_after`: the other nodes have given this one up, and old claims harm.
// Thread: the hub's, unless stated otherwise. No function waits, except bus_destroy().
#ifndef BUS_BUS_H
#define BUS_BUS_H

#include "ami/message.h"
#include "base/error.h"
#include "base/mailbox.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

#define BUS_BODY_LIMIT ((size_t)512 * 1024) // longest body that any NATS server takes; who has more cuts it

struct bus;
struct bus_body;
struct cluster_config;
struct metrics;

enum bus_letter_kind {
    BUS_MESSAGE,
    BUS_UP,   // connected. There is no connection before the first of these
    BUS_DOWN, // the connection is lost
    BUS_LOST  // messages may have been lost, in either direction: look for gaps. Also comes after each BUS_UP but the
              // first
};

/** What the hub gets from the bus. One block, apart from `head`. bus_letter_destroy() frees it. */
struct bus_letter {
    struct letter letter; // kind HUB_BUS; must be first
    enum bus_letter_kind kind;
    const char *subject, *reply; // of a BUS_MESSAGE; `reply` is NULL if no answer is wanted
    bool no_responders;          // NATS says that nobody listens to the request whose reply subject was `subject`
    struct message *head;        // headers of the message; NULL: none, or they cannot be read
    struct span body;            // bytes of the message
    size_t size;                 // that it counts in the mailbox
};

/** Was the program built with libnats? Thread: any. */
bool bus_is_built(void);

/** Reads and checks certificates and credentials. Starts no thread.
 *  @param config  copied
 *  @param inbox   gets letters of `letter_kind`, each a struct bus_letter; must outlive the bus
 *  @param metrics  must outlive the bus
 *  @return NULL with `err` set */
struct bus *bus_create(const struct cluster_config *config, struct mailbox *inbox, uint32_t letter_kind,
                       struct metrics *metrics, struct error *err);
/** Starts the thread, which connects. @return false with `err` */
bool bus_start(struct bus *bus, struct error *err);
/** Sends what waits, for at most 500 ms if NATS reads; ends the connection and the thread. A NATS server that hangs may
 *  delay it for two seconds. Letters that it has put into the inbox stay there. NULL is fine. */
void bus_destroy(struct bus *bus);
/** Does the bus thread have a connection? For reports; the letters say when that changes. */
bool bus_is_up(const struct bus *bus);

enum bus_weight {
    BUS_PLAIN,
    BUS_IMPORTANT // may use a reserve that is left when the mailbox is full: heartbeats, answers, states
};

/** Publishes a message.
 *  @param reply  subject for answers, or NULL
 *  @param head   headers, taken, or NULL: names and values of ASCII, without blanks at their ends, each name once
 *  @param body   taken, or NULL: none
 *  @return false: the mailbox is full, the message was dropped and counted */
bool bus_publish(struct bus *bus, enum bus_weight weight, const char *subject, const char *reply, struct message *head,
                 struct bus_body *body);
/** Begins to receive what is published on `subject`, which may have wildcards, by others than this bus. Goes on over
 *  losses of the connection. A subject that is subscribed already stays as it is. */
void bus_subscribe(struct bus *bus, const char *subject);
/** Ends bus_subscribe(). Messages that are on their way may still arrive, or be lost. */
void bus_unsubscribe(struct bus *bus, const char *subject);

/** Frees a letter of the bus. @param bus  NULL: it is gone */
void bus_letter_destroy(struct bus *bus, struct bus_letter *letter);

/** Makes an empty body. Thread: its owner's, until it is published. */
struct bus_body *bus_body_create(void);
/** Frees a body that is not published. NULL is fine. */
void bus_body_destroy(struct bus_body *body);
/** Appends the wire bytes of a message, whose reference it takes: they are copied by the bus thread. */
void bus_body_add(struct bus_body *body, struct message *message);
/** Appends a copy of bytes. */
void bus_body_add_bytes(struct bus_body *body, struct span bytes);
/** Returns the number of bytes. */
size_t bus_body_length(const struct bus_body *body);

#endif
