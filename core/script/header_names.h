// core/script/header_names.h: the names of headers that scripts read, with the value of each in the current message. A
// message is searched once for each name, whatever the number of filters.  Thread: the worker's.
#ifndef SCRIPT_HEADER_NAMES_H
#define SCRIPT_HEADER_NAMES_H

#include "script/state.h"

struct header_name {
    struct header_name *next; // in its bucket
    size_t length;
    uint64_t serial;   // serial number of the message that was searched last
    struct span value; // value of its first header of this name; bytes NULL: there is none
    uint32_t hash;     // set_hash() of the value, if is_hashed
    bool is_hashed;
    char text[]; // the name as it was first written
};

/** Finds or adds a name (in any case). Valid as long as the state. */
struct header_name *script_header_name(struct script_state *state, struct span name);
/** Frees the names. */
void script_header_names_fini(struct script_state *state);
/** Searches the current message for the name. */
void script_header_find(struct script_state *state, struct header_name *name);

/** Returns the value of this header in the current message; bytes NULL: there is none. Valid as long as the message is
 *  the current one. */
static inline struct span script_header_value(struct script_state *state, struct header_name *name)
{
    if (__builtin_expect(name->serial != state->current_serial, 0))
        script_header_find(state, name);
    return name->value;
}

#endif
