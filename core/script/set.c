// core/script/set.c: a set of texts, open addressing.
#include "script/set.h"

#include "base/hash.h"
#include "base/memory.h"
#include "script/names.h"

#include <stdlib.h>

uint32_t set_hash(struct span text)
{
    return (uint32_t)hash_mix(hash_span(HASH_START, text));
}

static uint32_t folded_hash(struct span text)
{
    return (uint32_t)hash_mix(hash_name(HASH_START, text));
}

static uint32_t hash_in(const struct set *set, struct span text)
{
    return set->folded ? folded_hash(text) : set_hash(text);
}

struct set *set_create(bool folded)
{
    struct set *set = memory_zero(1, sizeof *set);
    set->folded = folded;
    set->references = 1;
    set->slot_count = 8;
    set->slots = memory_zero(set->slot_count, sizeof *set->slots);
    return set;
}

struct set *set_ref(struct set *set)
{
    set->references++;
    return set;
}

void set_unref(struct set *set)
{
    if (set == NULL || --set->references > 0)
        return;
    for (uint32_t i = 0; i < set->slot_count; i++)
        memory_free(set->slots[i].bytes);
    free(set->slots);
    free(set);
}

static bool is_text(const struct set *set, struct span a, struct span b)
{
    if (a.length != b.length)
        return false;
    return set->folded ? names_equal(a.bytes, b.bytes, a.length) : names_same(a.bytes, b.bytes, a.length);
}

static struct span *place_of(const struct set *set, struct span text, uint32_t hash)
{
    uint32_t slot = hash & (set->slot_count - 1);
    while (set->slots[slot].bytes != NULL && !is_text(set, set->slots[slot], text))
        slot = (slot + 1) & (set->slot_count - 1);
    return &set->slots[slot];
}

void set_add(struct set *set, struct span text)
{
    if (set->count * 2 >= set->slot_count) {
        struct span *old = set->slots;
        uint32_t old_count = set->slot_count;
        set->slot_count *= 2;
        set->slots = memory_zero(set->slot_count, sizeof *set->slots);
        for (uint32_t i = 0; i < old_count; i++)
            if (old[i].bytes != NULL)
                *place_of(set, old[i], hash_in(set, old[i])) = old[i];
        free(old);
    }
    struct span *place = place_of(set, text, hash_in(set, text));
    if (place->bytes == NULL) {
        *place = (struct span){memory_text_of(text.bytes, text.length), text.length};
        set->count++;
        set->text_bytes += text.length + 1;
    }
}

size_t set_bytes(const struct set *set)
{
    return sizeof *set + set->slot_count * sizeof *set->slots + set->text_bytes;
}

bool set_has(const struct set *set, struct span text)
{
    return set_has_hashed(set, text, hash_in(set, text));
}

bool set_has_hashed(const struct set *set, struct span text, uint32_t hash)
{
    return place_of(set, text, hash)->bytes != NULL;
}
