// core/script/header_names.h: the names of headers that scripts ask for, and what the current message says under each:
// looked for once, however many users' filters ask.  Thread: the worker's.
#ifndef SCRIPT_HEADER_NAMES_H
#define SCRIPT_HEADER_NAMES_H

#include "script/state.h"

struct header_name {
    struct header_name *next; // in its bucket
    size_t length;
    uint64_t serial;   // of the message that was looked through last
    struct span value; // what it says: of its first header of this name; bytes NULL: there is none
    uint32_t hash;     // of the value, as sets count it, once somebody asked
    bool is_hashed;
    char text[]; // the name as it was first written
};

/** The name, without regard to case; lives as long as the state. */
struct header_name *script_header_name(struct script_state *state, struct span name);
void script_header_names_fini(struct script_state *state);
/** Looks through the current message. */
void script_header_find(struct script_state *state, struct header_name *name);

/** What the current message says under this name; bytes NULL: nothing. Lent as long as it is the current one. */
static inline struct span script_header_value(struct script_state *state, struct header_name *name)
{
    if (__builtin_expect(name->serial != state->current_serial, 0))
        script_header_find(state, name);
    return name->value;
}

#endif
