// core/base/list.h: an intrusive, doubly linked list. The node is a field of the listed object, so nothing is
// allocated, and removal costs the same at any place. Zeroed heads are empty; zeroed nodes are on no list. During a
// walk any node may be removed, including the next one (struct list_walk).  Thread: one owner's.
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list_walk;

/** A field of the listed object; on one list at a time. */
struct list_node {
    struct list_node *previous, *next;
};

struct list_head {
    struct list_node *first, *last;
    struct list_walk *walks; // walks in progress
};

/** A walk through a list: list_begin(), then list_step() until it returns NULL. */
struct list_walk {
    struct list_head *list;
    struct list_node *next; // node that list_step() returns next
    struct list_walk *outer;
};

/** The object whose field at `offset` is `field`. */
static inline void *list_object(void *field, size_t offset)
{
    return (char *)field - offset;
}

/** The object of type `type` whose field `field` is `node` (not NULL). */
#define LIST_OBJECT(node, type, field) ((type *)list_object(node, offsetof(type, field)))
/** The first object of the list, NULL: it is empty. */
#define LIST_FIRST(list, type, field) ((list)->first == NULL ? NULL : LIST_OBJECT((list)->first, type, field))
/** The object behind `object`, NULL: there is none. For walks that remove nothing, or only `object` afterwards. */
#define LIST_NEXT(object, type, field) \
    ((object)->field.next == NULL ? NULL : LIST_OBJECT((object)->field.next, type, field))

/** Is the node on this list? It must not be on another. */
static inline bool list_has(const struct list_head *list, const struct list_node *node)
{
    return node->previous != NULL || list->first == node;
}

/** Puts `node`, which is on no list, before all others. A walk in progress does not reach it. */
void list_add_first(struct list_head *list, struct list_node *node);
/** Puts `node`, which is on no list, behind all others. A walk in progress reaches it. */
void list_add_last(struct list_head *list, struct list_node *node);
/** Puts `node`, which is on no list, behind `before`; NULL: before all others. A walk in progress reaches it if it has
 *  not reached `before`, or if that is the last one. */
void list_add_after(struct list_head *list, struct list_node *before, struct list_node *node);
/** Removes `node`; does nothing if it is not on the list. Walks continue behind it. */
void list_remove(struct list_head *list, struct list_node *node);
/** Removes and returns the first node. @return NULL: the list is empty */
struct list_node *list_take_first(struct list_head *list);

/** Begins a walk. `walk` must stay in place until list_step() has returned NULL, or list_end(). */
void list_begin(struct list_walk *walk, struct list_head *list);
/** @return the next node; NULL: there is none, and the walk is over */
struct list_node *list_step(struct list_walk *walk);
/** Ends a walk early. */
void list_end(struct list_walk *walk);

#endif
