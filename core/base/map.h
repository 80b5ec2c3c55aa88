// core/base/map.h: finds things by a text within a scope (a number: two Asterisks may use the same ids). Intrusive: the
// node stands inside the thing, and the key's bytes are the thing's too.  Thread: the owner's.
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/span.h"

#include <stdint.h>

struct map_node {
    struct map_node *next;
    uint64_t hash;
    struct span key;
    uint32_t scope;
    bool mapped; // is in a map now
};

struct map {
    struct map_node **slots;
    size_t size, count; // size: a power of two, or 0
    uint64_t seed;      // chosen at random: keys come from strangers
    bool fold;          // keys are the same but for the case of ASCII letters
};

/** An empty map. @param fold  are keys equal without regard to the case of ASCII letters? */
void map_init(struct map *map, bool fold);
/** Frees the map, not what is in it. */
void map_fini(struct map *map);
/** The node of that key, NULL if there is none. */
struct map_node *map_find(const struct map *map, uint32_t scope, struct span key);
/** Adds a node that is in no map; `key` must stay where it is until map_remove(). A node of the same key that is there
 *  already stays, behind this one. */
void map_add(struct map *map, struct map_node *node, uint32_t scope, struct span key);
/** Takes the node out; nothing happens if it is in no map. */
void map_remove(struct map *map, struct map_node *node);

#endif
