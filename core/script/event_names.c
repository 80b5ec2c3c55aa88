// core/script/event_names.c: numbers for the names of events, so that a filter finds out by one byte whether it wants
// an event.
#include "script/state.h"

#include "ami/vocabulary.h"
#include "base/hash.h"
#include "base/memory.h"

#include <stdlib.h>

static uint32_t hash_nocase(struct span name)
{
    return (uint32_t)hash_mix(hash_name(HASH_START, name));
}

static void event_names_grow(struct event_names *events)
{
    uint32_t count = events->slot_count == 0 ? 256 : events->slot_count * 2;
    free(events->slots);
    events->slots = memory_zero(count, sizeof *events->slots);
    events->slot_count = count;
    events->names = memory_grow(events->names, count * sizeof *events->names);
    events->spellings = memory_grow(events->spellings, count * sizeof *events->spellings);
    for (uint32_t i = 0; i < events->count; i++) {
        uint32_t slot = hash_nocase(span_of(events->names[i])) & (count - 1);
        while (events->slots[slot] != 0)
            slot = (slot + 1) & (count - 1);
        events->slots[slot] = i + 1;
    }
}

uint32_t script_event_number(struct script_state *state, struct span name)
{
    struct event_names *events = &state->events;
    if (events->count * 2 >= events->slot_count)
        event_names_grow(events);
    uint32_t slot = hash_nocase(name) & (events->slot_count - 1);
    for (; events->slots[slot] != 0; slot = (slot + 1) & (events->slot_count - 1))
        if (span_is(name, events->names[events->slots[slot] - 1]))
            return events->slots[slot] - 1;
    if (events->count >= EVENT_NAMES || memchr(name.bytes, '\0', name.length) != NULL)
        return UINT32_MAX;
    events->names[events->count] = memory_text_of(name.bytes, name.length);
    events->spellings[events->count] = vocabulary_event(name);
    events->slots[slot] = ++events->count;
    return events->count - 1;
}

void script_current_set(struct script_state *state, struct message *message)
{
    message_unref(state->current);
    state->current = message_ref(message); // held, so that no other message gets the same address
    state->current_serial++;
    state->current_event =
        message->kind == MESSAGE_EVENT ? script_event_number(state, message_name(message)) : UINT32_MAX;
    state->current_spelling = state->current_event == UINT32_MAX ? NULL : state->events.spellings[state->current_event];
}
