// core/pbx/queues.c: callers and members of queues (Asterisk apps/app_queue.c: queue_publish_…, manager_queues_status).
#include "pbx/inside.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define PAUSED (PBX_MEMBER_STATES - 1)

static struct pbx_queue *queues_find(struct list_head *queues, size_t *count, struct span name)
{
    struct pbx_queue *queue;

    for (queue = LIST_FIRST(queues, struct pbx_queue, place); queue != NULL;
         queue = LIST_NEXT(queue, struct pbx_queue, place)) {
        if (span_equals(span_of(queue->name), name))
            return queue;
    }
    if (name.length == 0 || *count >= PBX_QUEUES)
        return NULL;
    queue = memory_zero(1, sizeof *queue + name.length + 1);
    memcpy(queue->name, name.bytes, name.length);
    map_init(&queue->callers, false);
    map_init(&queue->members, false);
    list_add_last(queues, &queue->place);
    ++*count;
    return queue;
}

/** The item of that key, made if it is new. @return NULL: no key, or too many */
static struct pbx_item *queues_item(struct map *map, struct span key)
{
    struct pbx_item *item = (struct pbx_item *)(void *)map_find(map, 0, key);

    if (item != NULL || key.length == 0 || map->count >= PBX_QUEUE_ITEMS)
        return item;
    item = memory_zero(1, sizeof *item + key.length + 1);
    memcpy(item->key, key.bytes, key.length);
    map_add(map, &item->node, 0, (struct span){item->key, key.length});
    return item;
}

static void queues_drop(struct map *map, struct span key)
{
    struct map_node *node = map_find(map, 0, key);

    if (node == NULL)
        return;
    map_remove(map, node);
    free(node);
}

static struct span queues_value(const struct message *message, const char *name)
{
    struct span value = {0};

    (void)message_find(message, name, &value);
    return value;
}

static void queues_see_member(struct pbx_queue *queue, const struct message *message, struct span name)
{
    struct span key = queues_value(message, "Interface");
    struct pbx_item *item;

    if (key.length == 0)
        key = queues_value(message, "Location"); // QueueMember of the list
    if (span_is(name, "QueueMemberRemoved")) {
        queues_drop(&queue->members, key);
        return;
    }
    item = queues_item(&queue->members, key);
    if (item == NULL)
        return;
    item->state = (unsigned)pbx_number(message, "Status");
    if (item->state >= PAUSED)
        item->state = 0;
    if (pbx_number(message, "Paused") != 0)
        item->state = PAUSED;
}

static void queues_see_caller(struct pbx_queue *queue, const struct message *message, struct span name, uint64_t now_ms)
{
    struct span key = queues_value(message, "Uniqueid");
    struct pbx_item *item;

    if (span_is(name, "QueueCallerAbandon")) {
        queue->abandoned++; // a Leave follows
        return;
    }
    if (span_is(name, "QueueCallerLeave")) {
        queues_drop(&queue->callers, key);
        return;
    }
    item = queues_item(&queue->callers, key);
    if (item != NULL && item->since_ms == 0)
        item->since_ms = now_ms - pbx_number(message, "Wait") * 1000; // QueueEntry of the list
}

static void queues_see_answer(struct pbx_queue *queue, const struct message *message)
{
    uint64_t hold = pbx_number(message, "HoldTime");

    queue->answered++;
    queue->hold_s += hold;
    queue->answered_in_time += hold <= queue->service_level_s;
}

bool queues_see(struct list_head *queues, size_t *count, const struct message *message, struct span name,
                uint64_t now_ms)
{
    bool is_answer = span_is(name, "AgentConnect"),
         is_queue = name.length >= 5 && strncasecmp(name.bytes, "Queue", 5) == 0;
    struct pbx_queue *queue;

    if (!is_answer && !is_queue)
        return false;
    queue = queues_find(queues, count, queues_value(message, "Queue"));
    if (queue == NULL)
        return true;
    if (is_answer)
        queues_see_answer(queue, message);
    else if (span_is(name, "QueueParams"))
        queue->service_level_s = pbx_number(message, "ServiceLevel");
    else if (span_is(name, "QueueEntry") || (name.length > 11 && strncasecmp(name.bytes, "QueueCaller", 11) == 0))
        queues_see_caller(queue, message, name, now_ms);
    else if (name.length >= 11 && strncasecmp(name.bytes, "QueueMember", 11) == 0 &&
             !span_is(name, "QueueMemberPenalty") && !span_is(name, "QueueMemberRinginuse"))
        queues_see_member(queue, message, name);
    return true;
}

void queues_reset(struct list_head *queues)
{
    for (struct pbx_queue *queue = LIST_FIRST(queues, struct pbx_queue, place); queue != NULL;
         queue = LIST_NEXT(queue, struct pbx_queue, place)) {
        pbx_clear(&queue->callers);
        pbx_clear(&queue->members);
    }
}

void queues_free(struct list_head *queues)
{
    for (struct list_node *node; (node = list_take_first(queues)) != NULL;) {
        struct pbx_queue *queue = LIST_OBJECT(node, struct pbx_queue, place);
        pbx_clear(&queue->callers);
        pbx_clear(&queue->members);
        map_fini(&queue->callers);
        map_fini(&queue->members);
        free(queue);
    }
}

struct pbx_queue_figures queues_figures(const struct pbx_queue *queue, uint64_t now_ms)
{
    struct pbx_queue_figures figures = {.name = queue->name,
                                        .waiting = queue->callers.count,
                                        .answered = queue->answered,
                                        .answered_in_time = queue->answered_in_time,
                                        .abandoned = queue->abandoned,
                                        .hold_s = (double)queue->hold_s};
    uint64_t oldest = now_ms;

    for (size_t i = 0; i < queue->callers.size; i++) {
        for (const struct map_node *node = queue->callers.slots[i]; node != NULL; node = node->next) {
            uint64_t since = ((const struct pbx_item *)(const void *)node)->since_ms;
            oldest = since < oldest ? since : oldest;
        }
    }
    for (size_t i = 0; i < queue->members.size; i++) {
        for (const struct map_node *node = queue->members.slots[i]; node != NULL; node = node->next)
            figures.members[((const struct pbx_item *)(const void *)node)->state]++;
    }
    figures.longest_wait_s = (double)(now_ms - oldest) / 1000;
    return figures;
}
