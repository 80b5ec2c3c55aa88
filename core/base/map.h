// core/base/map.h: finds objects by a text within a scope (a number, because two Asterisks may use the same ids).
// Intrusive: the node is a field of the object, and the object owns the key's bytes.  Thread: the owner's.
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
    uint64_t seed;      // random, because clients or servers choose keys
    bool fold;          // upper and lower case of ASCII letters are equal
};

/** An empty map. @param fold  are keys equal without regard to the case of ASCII letters? */
void map_init(struct map *map, bool fold);
/** Frees the map, but not the objects. */
void map_fini(struct map *map);
/** The node of that key, NULL if there is none. */
struct map_node *map_find(const struct map *map, uint32_t scope, struct span key);
/** Adds a node that is in no map; `key` must stay in place until map_remove(). An existing node with the same key
 * stays, behind this one. */
void map_add(struct map *map, struct map_node *node, uint32_t scope, struct span key);
/** Removes the node; does nothing if it is in no map. */
void map_remove(struct map *map, struct map_node *node);

#endif
