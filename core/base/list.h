// core/base/list.h: an intrusive, doubly linked list. The node is a field of what is listed, so nothing is allocated
// and taking out costs the same at any place. Zeroed heads and nodes are empty and on no list. Whoever goes through a
// list may take out any of its nodes meanwhile, the next one too (struct list_walk).  Thread: one owner's.
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list_walk;

/** A field of what is listed; on one list at a time. */
struct list_node {
    struct list_node *previous, *next;
};

struct list_head {
    struct list_node *first, *last;
    struct list_walk *walks; // those who are going through it now
};

/** Somebody on the way through a list: list_begin(), list_step() until NULL. */
struct list_walk {
    struct list_head *list;
    struct list_node *next; // what list_step() gives next
    struct list_walk *outer;
};

/** The object of type `type` whose field `field` is `node` (not NULL). */
#define list_object(node, type, field) ((type *)(void *)((char *)(node)-offsetof(type, field)))

/** Is the node on this list? It must not be on another. */
static inline bool list_has(const struct list_head *list, const struct list_node *node)
{
    return node->previous != NULL || list->first == node;
}

/** Puts `node`, which is on no list, before all others. A walk that has begun does not meet it. */
void list_add_first(struct list_head *list, struct list_node *node);
/** Puts `node`, which is on no list, behind all others. A walk that has not ended meets it. */
void list_add_last(struct list_head *list, struct list_node *node);
/** Takes `node` out; nothing happens if it is not on the list. Walks go on behind it. */
void list_remove(struct list_head *list, struct list_node *node);
/** Takes out the first. @return it; NULL: the list is empty */
struct list_node *list_take_first(struct list_head *list);

/** Begins a walk; `walk` stays where it is until list_step() has given NULL, or list_end(). */
void list_begin(struct list_walk *walk, struct list_head *list);
/** @return the next node; NULL: there is none, and the walk is over */
struct list_node *list_step(struct list_walk *walk);
/** Ends a walk before its end. */
void list_end(struct list_walk *walk);

#endif
