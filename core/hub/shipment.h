// core/hub/shipment.h: messages of exports for the bus (`to: nats:…`).  Thread: the hub's.
#ifndef HUB_SHIPMENT_H
#define HUB_SHIPMENT_H

#include "base/span.h"

#include <stddef.h>

#define SHIPMENT_SUBJECT_BYTES 1024

struct bus;
struct hub;
struct letter;
struct shipment;

/** Writes the subject of a message: `{server}` and `{event}` become names as subjects have them (cluster/subject.h),
 * `-` if there is none.
 *  @return its length; 0: it does not fit */
size_t shipment_subject(const char *pattern, struct span server, struct span event, char text[SHIPMENT_SUBJECT_BYTES]);
/** Publishes messages of an export, and sends the letter back to its worker. */
void shipment_take(struct hub *hub, struct letter *letter);
/** Frees the letter. */
void shipment_drop(struct letter *letter);
/** Publishes messages until the bus has no room, and notes how many. @param bus  NULL: there is none */
void shipment_publish(struct shipment *shipment, struct bus *bus);

#endif
