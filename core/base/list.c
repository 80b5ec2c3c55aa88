// core/base/list.c: see list.h.
#include "base/list.h"

void list_add_first(struct list_head *list, struct list_node *node)
{
    node->previous = NULL;
    node->next = list->first;
    if (list->first != NULL)
        list->first->previous = node;
    else
        list->last = node;
    list->first = node;
}

void list_add_last(struct list_head *list, struct list_node *node)
{
    node->previous = list->last;
    node->next = NULL;
    if (list->last != NULL)
        list->last->next = node;
    else
        list->first = node;
    list->last = node;
    for (struct list_walk *walk = list->walks; walk != NULL; walk = walk->outer) {
        if (walk->next == NULL)
            walk->next = node;
    }
}

void list_add_after(struct list_head *list, struct list_node *before, struct list_node *node)
{
    if (before == NULL) {
        list_add_first(list, node);
    } else if (before->next == NULL) {
        list_add_last(list, node);
    } else {
        node->previous = before;
        node->next = before->next;
        before->next->previous = node;
        before->next = node;
    }
}

void list_remove(struct list_head *list, struct list_node *node)
{
    if (!list_has(list, node))
        return;
    for (struct list_walk *walk = list->walks; walk != NULL; walk = walk->outer) {
        if (walk->next == node)
            walk->next = node->next;
    }
    if (node->previous != NULL)
        node->previous->next = node->next;
    else
        list->first = node->next;
    if (node->next != NULL)
        node->next->previous = node->previous;
    else
        list->last = node->previous;
    node->previous = node->next = NULL;
}

struct list_node *list_take_first(struct list_head *list)
{
    struct list_node *node = list->first;

    if (node != NULL)
        list_remove(list, node);
    return node;
}

void list_begin(struct list_walk *walk, struct list_head *list)
{
    *walk = (struct list_walk){list, list->first, list->walks};
    list->walks = walk;
}

struct list_node *list_step(struct list_walk *walk)
{
    struct list_node *node = walk->next;

    if (node != NULL)
        walk->next = node->next;
    else
        list_end(walk);
    return node;
}

void list_end(struct list_walk *walk)
{
    struct list_walk **link = &walk->list->walks;

    while (*link != NULL && *link != walk)
        link = &(*link)->outer;
    if (*link == walk)
        *link = walk->outer;
}
