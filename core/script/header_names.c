// core/script/header_names.c: see header_names.h.
#include "script/header_names.h"

#include "base/hash.h"
#include "base/memory.h"
#include "script/names.h"

#include <stdlib.h>

static uint32_t bucket_of(struct span name)
{
    return (uint32_t)(hash_mix(hash_name(HASH_START, name)) % HEADER_BUCKETS);
}

struct header_name *script_header_name(struct script_state *state, struct span name)
{
    struct header_name **bucket = &state->header_names[bucket_of(name)];
    for (struct header_name *known = *bucket; known != NULL; known = known->next)
        if (known->length == name.length && names_equal(known->text, name.bytes, name.length))
            return known;
    struct header_name *made = memory_zero(1, sizeof *made + name.length + 1);
    made->length = name.length;
    if (name.length > 0)
        memcpy(made->text, name.bytes, name.length);
    made->next = *bucket;
    *bucket = made;
    return made;
}

void script_header_names_fini(struct script_state *state)
{
    for (uint32_t i = 0; i < HEADER_BUCKETS; i++) {
        while (state->header_names[i] != NULL) {
            struct header_name *name = state->header_names[i];
            state->header_names[i] = name->next;
            free(name);
        }
    }
}

void script_header_find(struct script_state *state, struct header_name *name)
{
    name->value = (struct span){NULL, 0};
    (void)names_find(state->current, name->text, name->length, &name->value);
    name->serial = state->current_serial;
    name->is_hashed = false;
}
