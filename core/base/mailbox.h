// core/base/mailbox.h: a queue from many threads to one, woken through an eventfd. Letters are intrusive: they
// stand first in the structs that are sent. Thread: mailbox_put() any, the rest the receiver's alone.
#ifndef BASE_MAILBOX_H
#define BASE_MAILBOX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/** Head of everything that is sent from thread to thread. `kind` is the receiver's own enumeration. */
struct letter {
    struct letter *next;
    uint32_t kind;
};

struct mailbox {
    _Atomic(struct letter *) head; // newest first
    int wake_fd;                   // eventfd, non-blocking; readable while letters may wait
};

/** Opens the eventfd. @return false with errno set if the system has no descriptor left. */
bool mailbox_init(struct mailbox *box);
/** Closes the eventfd. Letters that still wait are the caller's to take first. */
void mailbox_fini(struct mailbox *box);
/** Takes `letter` (not the caller's from here on, not even to read) and wakes the receiver if the box was
 *  empty. Order is kept for letters of one sender. */
void mailbox_put(struct mailbox *box, struct letter *letter);
/** The same from the receiver's own thread, without a system call. @return the caller must see to it that the box is
 *  read in this turn of the loop: nobody else was told */
bool mailbox_push(struct mailbox *box, struct letter *letter);
/** Makes `wake_fd` unreadable until the next put. Before mailbox_take(), never after it: a put between would be lost.
 */
void mailbox_clear_wakeup(struct mailbox *box);
/** All waiting letters, oldest first, linked by `next`; NULL if none. They are the caller's. */
struct letter *mailbox_take(struct mailbox *box);

#endif
