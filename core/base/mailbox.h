// core/base/mailbox.h: a queue from many threads to one, woken through an eventfd. Letters are intrusive: a
// letter is the first member of a struct that is sent. Thread: mailbox_put() any, the rest the receiver's alone.
#ifndef BASE_MAILBOX_H
#define BASE_MAILBOX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/** The first member of every struct that is sent between threads. `kind` is the receiver's own enumeration. */
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
/** Closes the eventfd. The caller must take waiting letters first. */
void mailbox_fini(struct mailbox *box);
/** Takes `letter` (the caller may no longer access it, not even to read) and wakes the receiver if the box was
 *  empty. Letters of one sender keep their order. */
void mailbox_put(struct mailbox *box, struct letter *letter);
/** The same from the receiver's own thread, without a system call. @return true: the caller must make sure that the
 *  box is read in this turn of the loop, because nobody was woken */
bool mailbox_push(struct mailbox *box, struct letter *letter);
/** Makes `wake_fd` unreadable until the next put. Call it before mailbox_take(), never after it: a put in
 *  between would be missed. */
void mailbox_clear_wakeup(struct mailbox *box);
/** All waiting letters, oldest first, linked by `next`; NULL if none. The caller owns them. */
struct letter *mailbox_take(struct mailbox *box);

/** Letters that were taken out of a box and are not handled yet, oldest first. All zero: none. */
struct mailbox_queue {
    struct letter *first, *last; // `last` is valid if there is a first one
};

/** Moves all letters of the box behind those of the queue. */
void mailbox_gather(struct mailbox *box, struct mailbox_queue *queue);
/** Takes the oldest letter out of the queue. The caller owns it. @return NULL: there is none */
struct letter *mailbox_next(struct mailbox_queue *queue);

#endif
