// core/pbx/inside.h: the inside of a server's figures, for the files of this room only. With the lock of `struct pbx`.
#ifndef PBX_INSIDE_H
#define PBX_INSIDE_H

#include "base/list.h"
#include "base/map.h"
#include "pbx/pbx.h"

/** A caller or a member of a queue. */
struct pbx_item {
    struct map_node node; // must be first; key: Uniqueid, or Interface
    uint64_t since_ms;    // of a caller
    unsigned state;       // of a member
    char key[];
};

struct pbx_queue {
    struct list_node place; // in the server's
    struct map callers, members;
    uint64_t service_level_s, answered, answered_in_time, abandoned, hold_s;
    char name[];
};

/** Takes an event of a queue into account. @param queues  the server's, bounded @return false: it is none of a queue */
bool queues_see(struct list_head *queues, size_t *count, const struct message *message, struct span name,
                uint64_t now_ms);
/** Forgets callers and members; the totals stay. */
void queues_reset(struct list_head *queues);
/** Frees all queues. */
void queues_free(struct list_head *queues);
/** The figures of a queue. */
struct pbx_queue_figures queues_figures(const struct pbx_queue *queue, uint64_t now_ms);
/** The number in a header; 0: there is none. */
uint64_t pbx_number(const struct message *message, const char *name);
/** Frees all objects of a map whose nodes are their first fields; the map stays usable. */
void pbx_clear(struct map *map);

#endif
