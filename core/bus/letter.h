// core/bus/letter.h: makes the letters to the hub, on the threads of libnats and of the bus. Thread: any.
#ifndef BUS_LETTER_H
#define BUS_LETTER_H

#include "bus/bus.h"

/** Makes a letter of that kind without a message. */
struct bus_letter *bus_letter_create(uint32_t letter_kind, enum bus_letter_kind kind);
/** Makes a BUS_MESSAGE with copies of the texts and bytes. @param reply  or NULL  @param head  taken, or NULL */
struct bus_letter *bus_letter_of(uint32_t letter_kind, const char *subject, const char *reply, struct message *head,
                                 struct span body);
/** Returns the size of a BUS_MESSAGE before it is made, as far as the mailbox counts it. */
size_t bus_letter_size(const char *subject, const char *reply, size_t head, size_t body);

#endif
