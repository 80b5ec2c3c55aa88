// core/cluster/ownership_give.c: an owner hands servers over to other nodes; see ownership.h.
#include "cluster/ownership_inside.h"

#define REFUSED_MS UINT64_C(60000)     // who could not take a server is not asked again for so long
#define DRAIN_MOST 8                   // servers that a draining node gives away at the same time
#define BALANCE_WAIT_MS UINT64_C(1000) // from one server that is given away for balance to the next

static const struct node_member *member_of(const struct ownership *ownership, uint64_t boot)
{
    for (size_t i = 0; i < ownership->nodes.count; i++) {
        if (ownership->nodes.members[i]->beat->member.boot == boot)
            return ownership->nodes.members[i];
    }
    return NULL;
}

/** Can a member take this server? @param line  set to what it says of it */
static bool can_take(const struct scene *scene, const struct owned *owned, const struct node_member *member,
                     const struct heartbeat_server **line)
{
    if (member == NULL || !member->alive || member->beat->draining)
        return false;
    if (owned->refused_boot == member->beat->member.boot && scene->now_ms < owned->refused_ms)
        return false;
    *line = heartbeat_find(member->beat, span_of(owned->key));
    return *line != NULL && !(*line)->unreached && !hold_is_claim((*line)->state);
}

/** The younger process of this node, in a takeover. */
static const struct node_member *find_successor(const struct scene *scene, const struct owned *owned)
{
    const struct member_id *me = &scene->ownership->settings.me;
    const struct nodes *nodes = &scene->ownership->nodes;
    const struct node_member *best = NULL;
    const struct heartbeat_server *line;
    struct span key = span_of(owned->key);

    for (size_t i = 0; i < nodes->count; i++) {
        const struct member_id *id = &nodes->members[i]->beat->member;
        if (span_equals(id->node, me->node) && rank_compare(key, id, best == NULL ? me : &best->beat->member) > 0 &&
            can_take(scene, owned, nodes->members[i], &line))
            best = nodes->members[i];
    }
    return best;
}

/** The first in rank of those that can take it. */
static const struct node_member *find_heir(const struct scene *scene, const struct owned *owned)
{
    const struct nodes *nodes = &scene->ownership->nodes;
    const struct node_member *best = NULL;
    const struct heartbeat_server *line;

    for (size_t i = 0; i < nodes->count; i++) {
        if (can_take(scene, owned, nodes->members[i], &line) &&
            (best == NULL ||
             rank_compare(span_of(owned->key), &nodes->members[i]->beat->member, &best->beat->member) > 0))
            best = nodes->members[i];
    }
    return best;
}

/** The first in rank of all, if that is not this node, and has been alive for long. */
static const struct node_member *find_first(const struct scene *scene, const struct owned *owned)
{
    const struct ownership *ownership = scene->ownership;
    const struct node_member *first = scene->first.member;
    const struct heartbeat_server *line;
    uint64_t wait_ms = ownership->settings.balance_after_ms;

    if (wait_ms == 0 || first == NULL || scene->now_ms - first->since_ms < wait_ms ||
        scene->now_ms - ownership->given_ms < BALANCE_WAIT_MS || ownership->giving > 0)
        return NULL;
    if (rank_compare(span_of(owned->key), &first->beat->member, &ownership->settings.me) < 0)
        return NULL;
    return can_take(scene, owned, first, &line) ? first : NULL;
}

static void give_begin(const struct scene *scene, struct owned *owned)
{
    struct ownership *ownership = scene->ownership;
    const struct node_member *heir = find_successor(scene, owned);

    if (heir == NULL && ownership->draining && ownership->giving < DRAIN_MOST)
        heir = find_heir(scene, owned);
    if (heir == NULL && !ownership->draining)
        heir = find_first(scene, owned);
    if (heir == NULL)
        return;
    ownership->given_ms = scene->now_ms;
    ownership->giving++;
    owned_set_to(ownership, owned, heir->beat->member.boot, scene->now_ms);
}

/** Does this node claim a server, or has it given one to somebody who does not claim it yet? */
static bool has_any(const struct ownership *ownership)
{
    for (size_t i = 0; i < ownership->count; i++) {
        if (ownership->list[i]->claim != 0 || ownership->list[i]->source == SOURCE_SOON)
            return true;
    }
    return false;
}

bool ownership_is_drained(struct ownership *ownership)
{
    if (nodes_alive(&ownership->nodes) == 0)
        return true;
    if (has_any(ownership)) {
        ownership->told_beat = 0;
        return false;
    }
    if (ownership->told_beat == 0) {
        nodes_mark(&ownership->nodes);
        ownership->told_beat = ownership->beat + 1;
        ownership->waking = true; // the others answer at once
        ownership_hasten(ownership);
    }
    return nodes_have_heard(&ownership->nodes, ownership->told_beat) && nodes_have_heard_marks(&ownership->nodes);
}

void ownership_give(const struct scene *scene, struct owned *owned)
{
    struct ownership *ownership = scene->ownership;
    const struct node_member *heir;
    const struct heartbeat_server *line;

    if (owned->yields) { // the better claim is gone
        owned_enter(ownership, owned, HOLD_UP);
        owned->yields = false;
        owned_set_to(ownership, owned, 0, scene->now_ms);
    }
    if (owned->to_boot == 0) {
        give_begin(scene, owned);
        return;
    }
    heir = member_of(ownership, owned->to_boot);
    if (can_take(scene, owned, heir, &line) && scene->now_ms - owned->since_ms < OWNERSHIP_TAKE_MS) {
        if (line->state == HOLD_READY && owned->state == HOLD_UP)
            owned_enter(ownership, owned, HOLD_RELEASING);
        else if (line->state != HOLD_READY && owned->state == HOLD_RELEASING)
            owned_enter(ownership, owned, HOLD_UP); // its lane was lost meanwhile
        return;
    }
    owned->refused_boot = owned->to_boot;
    owned->refused_ms = scene->now_ms + REFUSED_MS;
    owned_enter(ownership, owned, HOLD_UP);
    owned_set_to(ownership, owned, 0, scene->now_ms);
}
