// core/letters/survey.c: see survey.h.
#include "letters/survey.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct survey_item *survey_add(struct survey_items *items, struct survey_item item)
{
    if ((items->count & (items->count - 1)) == 0) // the room is the next power of two
        items->list = memory_grow(items->list, (items->count * 2 + 1) * sizeof *items->list);
    items->list[items->count] = item;
    return &items->list[items->count++];
}

static void item_fini(struct survey_item *item)
{
    message_unref(item->message);
    free(item->name);
}

static int by_rank(const void *left, const void *right)
{
    const struct survey_item *one = left, *other = right;

    return one->rank == other->rank ? 0 : one->rank < other->rank ? 1 : -1;
}

void survey_choose(struct survey_items *items, size_t most)
{
    if (items->count > 1)
        qsort(items->list, items->count, sizeof *items->list, by_rank);
    while (items->count > most)
        item_fini(&items->list[--items->count]);
}

static int by_name(const void *left, const void *right)
{
    const struct survey_item *one = left, *other = right;
    int order = strcmp(one->kind, other->kind);

    return order != 0 ? order : strcmp(one->name, other->name);
}

void survey_merge(struct survey_items *items)
{
    size_t kept = 0;

    if (items->count > 1)
        qsort(items->list, items->count, sizeof *items->list, by_name);
    for (size_t i = 1; i < items->count; i++) {
        struct survey_item *item = &items->list[i];
        if (by_name(&items->list[kept], item) != 0) {
            items->list[++kept] = *item;
            continue;
        }
        for (size_t k = 0; k < SURVEY_COUNTS; k++)
            items->list[kept].counts[k] += item->counts[k];
        item_fini(item);
    }
    items->count = items->count == 0 ? 0 : kept + 1;
}

void survey_items_fini(struct survey_items *items)
{
    for (size_t i = 0; i < items->count; i++)
        item_fini(&items->list[i]);
    free(items->list);
    *items = (struct survey_items){0};
}

void survey_destroy(struct survey *survey)
{
    survey_items_fini(&survey->items);
    message_unref(survey->arguments);
    free(survey);
}
