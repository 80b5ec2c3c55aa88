// core/base/mailbox.c: a queue from many threads to one. Senders push to a stack without a lock. The receiver takes the
// whole stack at once and reverses it.
#include "base/mailbox.h"

#include <errno.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <unistd.h>

bool mailbox_init(struct mailbox *box)
{
    atomic_init(&box->head, NULL);
    box->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return box->wake_fd != -1;
}

void mailbox_fini(struct mailbox *box)
{
    if (box->wake_fd != -1)
        close(box->wake_fd);
    box->wake_fd = -1;
}

bool mailbox_push(struct mailbox *box, struct letter *letter)
{
    struct letter *newest = atomic_load_explicit(&box->head, memory_order_relaxed);
    do {
        letter->next = newest;
    } while (!atomic_compare_exchange_weak_explicit(&box->head, &newest, letter, memory_order_release,
                                                    memory_order_relaxed));
    return newest == NULL; // the sender of the first letter wakes the receiver for all
}

void mailbox_put(struct mailbox *box, struct letter *letter)
{
    static const uint64_t one = 1;
    int wake_fd = box->wake_fd; // read before the letter is passed on: that letter may end the receiver

    if (!mailbox_push(box, letter))
        return;
    while (write(wake_fd, &one, sizeof one) == -1 && errno == EINTR)
        continue;
}

void mailbox_clear_wakeup(struct mailbox *box)
{
    uint64_t ignored;
    (void)!read(box->wake_fd, &ignored, sizeof ignored);
}

struct letter *mailbox_take(struct mailbox *box)
{
    struct letter *newest = atomic_exchange_explicit(&box->head, NULL, memory_order_acquire);
    struct letter *oldest = NULL;
    while (newest != NULL) {
        struct letter *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    return oldest;
}

void mailbox_gather(struct mailbox *box, struct mailbox_queue *queue)
{
    struct letter *letters = mailbox_take(box);

    if (letters == NULL)
        return;
    if (queue->first == NULL)
        queue->first = letters;
    else
        queue->last->next = letters;
    for (queue->last = letters; queue->last->next != NULL;)
        queue->last = queue->last->next;
}

struct letter *mailbox_next(struct mailbox_queue *queue)
{
    struct letter *letter = queue->first;

    if (letter != NULL)
        queue->first = letter->next;
    return letter;
}
