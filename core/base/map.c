// core/base/map.c: see map.h. Slots are chains. The table doubles when it has as many nodes as slots.
#include "base/map.h"

#include "base/hash.h"
#include "base/memory.h"

#include <stdlib.h>

#define FIRST_SIZE 64

void map_init(struct map *map, bool fold)
{
    *map = (struct map){.fold = fold, .seed = hash_seed()};
}

void map_fini(struct map *map)
{
    free(map->slots);
    map->slots = NULL;
    map->size = map->count = 0;
}

static uint64_t hash_of(const struct map *map, uint32_t scope, struct span key)
{
    uint64_t start = map->seed ^ scope;

    return hash_mix(map->fold ? hash_name(start, key) : hash_span(start, key));
}

struct map_node *map_find(const struct map *map, uint32_t scope, struct span key)
{
    if (map->size == 0)
        return NULL;
    uint64_t hash = hash_of(map, scope, key);
    for (struct map_node *node = map->slots[hash & (map->size - 1)]; node != NULL; node = node->next) {
        if (node->hash == hash && node->scope == scope &&
            (map->fold ? span_equals_nocase(node->key, key) : span_equals(node->key, key)))
            return node;
    }
    return NULL;
}

static void map_grow(struct map *map)
{
    size_t size = map->size == 0 ? FIRST_SIZE : map->size * 2;
    struct map_node **slots = memory_zero(size, sizeof(struct map_node *));

    for (size_t i = 0; i < map->size; i++) {
        struct map_node *next, *reversed = NULL;
        for (struct map_node *node = map->slots[i]; node != NULL; node = next) {
            next = node->next;
            node->next = reversed;
            reversed = node;
        }
        for (struct map_node *node = reversed; node != NULL; node = next) { // oldest first: newest stays in front
            next = node->next;
            struct map_node **slot = &slots[node->hash & (size - 1)];
            node->next = *slot;
            *slot = node;
        }
    }
    free(map->slots);
    map->slots = slots;
    map->size = size;
}

void map_add(struct map *map, struct map_node *node, uint32_t scope, struct span key)
{
    if (map->count >= map->size)
        map_grow(map);
    node->hash = hash_of(map, scope, key);
    node->key = key;
    node->scope = scope;
    node->mapped = true;
    struct map_node **slot = &map->slots[node->hash & (map->size - 1)];
    node->next = *slot;
    *slot = node;
    map->count++;
}

void map_remove(struct map *map, struct map_node *node)
{
    if (!node->mapped)
        return;
    struct map_node **link = &map->slots[node->hash & (map->size - 1)];
    while (*link != node)
        link = &(*link)->next;
    *link = node->next;
    node->mapped = false;
    map->count--;
}
