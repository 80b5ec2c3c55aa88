// core/exports/queue.c: see queue.h.
#include "exports/queue.h"

#include "base/memory.h"

#include <stdlib.h>

static struct export_message *queue_message_at(struct list_node *node)
{
    return LIST_OBJECT(node, struct export_message, node);
}

/** Returns the bytes that a message counts for. */
static size_t queue_size_of(const struct export_head *head)
{
    return sizeof(struct export_message) + head->server_length + head->event_length + head->length;
}

struct export_message *export_message_create(const struct export_head *head)
{
    struct export_message *message = memory_new(queue_size_of(head));

    message->node = (struct list_node){NULL, NULL};
    message->head = *head;
    return message;
}

struct span export_message_bytes(const struct export_message *message)
{
    return (struct span){message->text + message->head.server_length + message->head.event_length,
                         message->head.length};
}

struct span export_message_server(const struct export_message *message)
{
    return (struct span){message->text, message->head.server_length};
}

struct span export_message_event(const struct export_message *message)
{
    return (struct span){message->text + message->head.server_length, message->head.event_length};
}

/** Removes a message. @return how many messages of the stream it stood for */
static uint64_t queue_remove(struct export_queue *queue, struct export_message *message)
{
    uint64_t count = message->head.skipped > 0 ? message->head.skipped : 1;

    if (queue->before_dropped == &message->node)
        queue->before_dropped = NULL; // all before it are gone, too
    list_remove(&queue->messages, &message->node);
    queue->count--;
    queue->bytes -= queue_size_of(&message->head);
    free(message);
    return count;
}

/** Drops a message. @return how many messages of the stream are lost now that were not before */
static uint64_t queue_drop(struct export_queue *queue, struct export_message *message)
{
    bool tells = message->head.skipped > 0; // of some that were counted when they were dropped
    uint64_t count = queue_remove(queue, message);

    queue->dropped += count;
    queue->before_dropped = queue->last_under_way;
    return tells ? 0 : count;
}

/** Returns the oldest message that is not under way; NULL: there is none. */
static struct export_message *queue_waiting(const struct export_queue *queue)
{
    struct list_node *node = queue->last_under_way == NULL ? queue->messages.first : queue->last_under_way->next;

    return node == NULL ? NULL : queue_message_at(node);
}

void export_queue_fini(struct export_queue *queue)
{
    while (queue->messages.first != NULL)
        queue_remove(queue, queue_message_at(queue->messages.first));
    export_queue_end(queue, 0);
}

uint64_t export_queue_add(struct export_queue *queue, struct export_message *message)
{
    struct export_message *oldest;
    uint64_t lost = 0;

    list_add_last(&queue->messages, &message->node);
    queue->count++;
    queue->bytes += queue_size_of(&message->head);
    while (queue->bytes > queue->limit && (oldest = queue_waiting(queue)) != NULL)
        lost += queue_drop(queue, oldest);
    return lost;
}

void export_queue_tell(struct export_queue *queue, struct export_message *message)
{
    struct list_node *next;

    message->head.skipped = queue->dropped;
    list_add_after(&queue->messages, queue->before_dropped, &message->node);
    next = message->node.next;
    if (next != NULL) // which must not be kept for longer because this one is younger
        message->head.queued_ms = LIST_OBJECT(next, struct export_message, node)->head.queued_ms;
    queue->dropped = 0;
    queue->before_dropped = NULL;
    queue->count++;
    queue->bytes += queue_size_of(&message->head);
}

uint64_t export_queue_expire(struct export_queue *queue, uint64_t before_ms)
{
    struct export_message *oldest;
    uint64_t lost = 0;

    while ((oldest = queue_waiting(queue)) != NULL && oldest->head.queued_ms < before_ms)
        lost += queue_drop(queue, oldest);
    return lost;
}

struct export_message *export_queue_first(const struct export_queue *queue)
{
    return queue->messages.first == NULL ? NULL : queue_message_at(queue->messages.first);
}

size_t export_queue_begin(struct export_queue *queue, size_t count, size_t bytes)
{
    size_t taken = 0;

    for (struct list_node *node = queue->messages.first; node != NULL && queue->under_way < count; node = node->next) {
        taken += queue_message_at(node)->head.length;
        if (taken > bytes && queue->under_way > 0)
            break;
        queue->under_way++;
        queue->last_under_way = node;
    }
    return queue->under_way;
}

void export_queue_end(struct export_queue *queue, size_t over)
{
    for (size_t i = 0; i < over && i < queue->under_way; i++)
        queue_remove(queue, queue_message_at(queue->messages.first));
    queue->under_way = 0;
    queue->last_under_way = NULL;
}
