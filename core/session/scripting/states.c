// core/session/scripting/states.c: see states.h.
#include "session/scripting/states.h"

#include "base/clock.h"
#include "base/memory.h"

#include <stdlib.h>

#define RETIRE_MS 10000 // how long scripts of an earlier configuration may wait

struct retired {
    struct list_node node;
    struct scripts *scripts;
};

static struct script_state *state_at(struct list_node *node)
{
    return scripts_state(LIST_OBJECT(node, struct retired, node)->scripts);
}

static void destroy_retired(struct script_states *states, struct list_node *node)
{
    struct retired *retired = LIST_OBJECT(node, struct retired, node);

    list_remove(&states->retired, node);
    scripts_destroy(retired->scripts);
    free(retired);
}

void script_states_fini(struct script_states *states)
{
    while (states->retired.first != NULL)
        destroy_retired(states, states->retired.first);
    scripts_destroy(states->current);
    states->current = NULL;
}

void script_states_change(struct script_states *states, struct scripts *fresh)
{
    struct scripts *old = states->current;
    struct retired *retired;

    states->current = fresh;
    if (old == NULL)
        return;
    script_state_hand_over(scripts_state(old), scripts_state(fresh));
    retired = memory_zero(1, sizeof *retired);
    retired->scripts = old;
    list_add_first(&states->retired, &retired->node);
    script_state_retire(scripts_state(old), clock_ms() + RETIRE_MS);
}

void script_states_sweep(struct script_states *states)
{
    struct list_walk walk;
    struct list_node *node;

    list_begin(&walk, &states->retired);
    while ((node = list_step(&walk)) != NULL) {
        if (script_state_is_idle(state_at(node)))
            destroy_retired(states, node);
    }
}

// Scripts are freed only after all have run, because what they do may act on sessions and other scripts.
void script_states_tick(struct script_states *states)
{
    struct list_walk walk;
    struct list_node *node;

    script_state_tick(scripts_state(states->current));
    list_begin(&walk, &states->retired);
    while ((node = list_step(&walk)) != NULL)
        script_state_tick(state_at(node));
    script_states_sweep(states);
}

uint64_t script_states_due(const struct script_states *states)
{
    uint64_t due = script_state_due(scripts_state(states->current));

    for (struct list_node *node = states->retired.first; node != NULL; node = node->next) {
        const struct script_state *state = state_at(node);
        uint64_t at = script_state_is_idle(state) ? 0 : script_state_due(state);
        due = at < due ? at : due;
    }
    return due;
}

void script_states_session_ended(struct script_states *states, struct handle session)
{
    script_session_gone(scripts_state(states->current), session);
    script_states_leave_retired(states, session);
}

void script_states_leave_retired(struct script_states *states, struct handle session)
{
    struct list_walk walk;
    struct list_node *node;

    list_begin(&walk, &states->retired);
    while ((node = list_step(&walk)) != NULL)
        script_session_gone(state_at(node), session);
}
