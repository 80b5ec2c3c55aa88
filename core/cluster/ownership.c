// core/cluster/ownership.c: see ownership.h. The table, what happens, and the states.
#include "cluster/ownership_inside.h"

#include "base/memory.h"

#include <stdlib.h>

#define RETRY_LEAST_MS UINT64_C(5000)  // after a lane could not be opened
#define RETRY_MOST_MS UINT64_C(600000) // … and after the last of many times
#define AWAY_LISTEN_MS UINT64_C(1250)  // after somebody came: all others are heard within it, too
#define GATE_LEAST_MS UINT64_C(1000)   // after the bus was away

struct ownership *ownership_create(const struct ownership_settings *settings, uint64_t now_ms)
{
    struct ownership *ownership = memory_zero(1, sizeof *ownership);

    ownership->settings = *settings;
    ownership->node = memory_text_of(settings->me.node.bytes, settings->me.node.length);
    ownership->settings.me.node = span_of(ownership->node);
    ownership->nodes.me = ownership->settings.me;
    ownership->listen_ms = now_ms + settings->dead_after_ms;
    map_init(&ownership->map, false);
    return ownership;
}

void ownership_destroy(struct ownership *ownership)
{
    if (ownership == NULL)
        return;
    for (size_t i = 0; i < ownership->count; i++) {
        free(ownership->list[i]->key);
        free(ownership->list[i]);
    }
    free(ownership->list);
    map_fini(&ownership->map);
    nodes_fini(&ownership->nodes);
    free(ownership->node);
    free(ownership);
}

struct owned *ownership_find(const struct ownership *ownership, struct span key)
{
    struct map_node *node = map_find(&ownership->map, 0, key);

    return node == NULL ? NULL : (struct owned *)(void *)((char *)node - offsetof(struct owned, node));
}

/** Adds a server that is not in the table, at its place in the order of keys. */
static struct owned *ownership_insert(struct ownership *ownership, struct span key)
{
    struct owned *owned = memory_zero(1, sizeof *owned);
    size_t at = ownership->count;

    if (ownership->count == ownership->capacity) {
        ownership->capacity = ownership->capacity == 0 ? 16 : ownership->capacity * 2;
        ownership->list = memory_grow(ownership->list, ownership->capacity * sizeof *ownership->list);
    }
    while (at > 0 && key_compare(span_of(ownership->list[at - 1]->key), key) > 0)
        at--;
    memmove(&ownership->list[at + 1], &ownership->list[at], (ownership->count - at) * sizeof *ownership->list);
    ownership->list[at] = owned;
    ownership->count++;
    owned->key = memory_text_of(key.bytes, key.length);
    map_add(&ownership->map, &owned->node, 0, span_of(owned->key));
    return owned;
}

struct owned *ownership_add(struct ownership *ownership, struct span key)
{
    struct owned *owned = ownership_find(ownership, key);

    if (owned == NULL)
        owned = ownership_insert(ownership, key);
    owned->configured = true;
    ownership_hasten(ownership);
    return owned;
}

void ownership_remove(struct ownership *ownership, struct owned *owned)
{
    owned->configured = false;
    owned_enter(ownership, owned, HOLD_NOTHING);
}

// --- states -----------------------------------------------------------------------------------------------------

void owned_enter(struct ownership *ownership, struct owned *owned, enum hold_state next)
{
    if (next == owned->state)
        return;
    if (!hold_is_claim(next))
        owned->claim = 0;
    if (next == HOLD_NOTHING || next == HOLD_WARM)
        owned->after_epoch = owned->after_sequence = 0;
    owned->state = next;
    owned->wants_lane = next != HOLD_NOTHING;
    owned->fence = next == HOLD_RELEASING;
    if (next != HOLD_RELEASING)
        owned->to_boot = 0;
    owned->yields = owned->yields && next == HOLD_RELEASING;
    ownership_hasten(ownership);
}

void owned_claim(struct ownership *ownership, struct owned *owned, uint64_t after_epoch, uint64_t after_sequence)
{
    owned->claim = owned->seen_epoch < EPOCH_MOST ? owned->seen_epoch + 1 : EPOCH_MOST;
    owned->seen_epoch = owned->claim;
    owned->after_epoch = after_epoch < owned->claim ? after_epoch : 0;
    owned->after_sequence = owned->after_epoch == 0 ? 0 : after_sequence;
    owned->sequence = owned->ended_epoch = owned->ended_sequence = 0;
    owned->of_others = false;
    owned_enter(ownership, owned, owned->lane_up ? HOLD_UP : HOLD_OPENING);
    ownership_hasten(ownership);
}

void owned_set_to(struct ownership *ownership, struct owned *owned, uint64_t boot, uint64_t now_ms)
{
    if (owned->to_boot == boot)
        return;
    owned->to_boot = boot;
    owned->since_ms = now_ms;
    ownership_hasten(ownership);
}

// --- what happens -----------------------------------------------------------------------------------------------

/** Servers that only others have are known, too, so that this node can follow their owner. */
static void ownership_learn(struct ownership *ownership, const struct heartbeat *beat)
{
    for (size_t i = 0; i < beat->server_count; i++) {
        struct owned *owned = ownership_find(ownership, beat->servers[i].key);
        if (owned == NULL && ownership->count < OWNERSHIP_SERVERS_MOST)
            owned = ownership_insert(ownership, beat->servers[i].key);
        if (owned != NULL)
            ownership_saw(owned, beat->servers[i].claim);
    }
}

enum nodes_news ownership_hear(struct ownership *ownership, struct heartbeat *beat, uint64_t now_ms)
{
    bool was_alone = nodes_alive(&ownership->nodes) == 0, asks = beat->waking;
    struct member_id id = beat->member;
    enum nodes_news news = nodes_hear(&ownership->nodes, beat, now_ms);

    if (news != NODES_KNOWN && news != NODES_ARRIVED)
        return news;
    const struct node_member *member = nodes_find(&ownership->nodes, &(struct member_id){id.node, id.boot, 0});
    ownership_learn(ownership, member->beat);
    if (news == NODES_ARRIVED || asks)
        ownership_hasten(ownership);
    if (news == NODES_ARRIVED && was_alone && ownership->listen_ms < now_ms + AWAY_LISTEN_MS)
        ownership->listen_ms = now_ms + AWAY_LISTEN_MS;
    return news;
}

/** Nothing is published until all have heard the next heartbeat. */
static void ownership_shut(struct ownership *ownership, uint64_t least_ms)
{
    ownership->gate = ownership->beat + 1;
    ownership->gate_ms = least_ms;
    ownership->waking = true;
    ownership_hasten(ownership);
}

void ownership_bus(struct ownership *ownership, bool up, uint64_t now_ms)
{
    if (up && !ownership->bus_up) {
        if (ownership->listen_ms < now_ms + ownership->settings.dead_after_ms)
            ownership->listen_ms = now_ms + ownership->settings.dead_after_ms;
        if (ownership->beat_ms != 0)
            ownership_shut(ownership, now_ms + GATE_LEAST_MS);
    }
    ownership->bus_up = up;
    ownership_hasten(ownership);
}

void ownership_drain(struct ownership *ownership, uint64_t now_ms)
{
    ownership->draining = true;
    ownership->given_ms = now_ms;
    ownership_hasten(ownership);
}

void ownership_lane(struct ownership *ownership, struct owned *owned, bool up, uint64_t now_ms)
{
    if (owned->lane_up == up)
        return;
    owned->lane_up = up;
    owned->lane_ms = now_ms;
    owned->overlaps = false;
    if (up) {
        owned->unreached = false;
        ownership->waking = true; // the owner's answer shows that it has offered what is older than the lane
    }
    if (up && owned->state == HOLD_OPENING)
        owned_enter(ownership, owned, HOLD_UP);
    else if (up && owned->state == HOLD_TAKING)
        owned_enter(ownership, owned, HOLD_READY);
    else if (!up && owned->state == HOLD_UP)
        owned_enter(ownership, owned, HOLD_OPENING);
    else if (!up && owned->state == HOLD_READY)
        owned_enter(ownership, owned, HOLD_TAKING);
    ownership_hasten(ownership);
}

void ownership_failed(struct ownership *ownership, struct owned *owned, uint64_t now_ms)
{
    bool again = owned->backoff_ms > 0 && now_ms - owned->failed_ms < RETRY_MOST_MS;

    owned->backoff_ms = again ? owned->backoff_ms * 2 : RETRY_LEAST_MS;
    if (owned->backoff_ms > RETRY_MOST_MS)
        owned->backoff_ms = RETRY_MOST_MS;
    owned->failed_ms = now_ms;
    owned->retry_ms = now_ms + owned->backoff_ms;
    owned->unreached = true;
    ownership_hasten(ownership);
}

void ownership_saw(struct owned *owned, uint64_t epoch)
{
    if (epoch > owned->seen_epoch && epoch <= EPOCH_MOST)
        owned->seen_epoch = epoch;
}

void ownership_released(struct ownership *ownership, struct owned *owned, uint64_t now_ms)
{
    if (!owned->fence)
        return;
    if (owned->state == HOLD_RELEASING) { // the other one claims it in a moment
        owned->soon_ms = now_ms + OWNERSHIP_SOON_MS;
        owned->heir_boot = owned->to_boot;
        owned->ended_epoch = owned->claim;
        owned->ended_sequence = owned->sequence;
        owned->ended_ms = now_ms;
    }
    bool stays = ownership->settings.standby > 0 && !ownership->draining; // perhaps: the next step decides
    owned_enter(ownership, owned, stays ? HOLD_WARM : HOLD_NOTHING);
}

bool ownership_taken(struct ownership *ownership, struct owned *owned, uint64_t boot, uint64_t sequence)
{
    if (owned->state != HOLD_READY || owned->from_boot != boot)
        return false;
    if (owned->past_epoch == owned->from_epoch && owned->followed < sequence)
        sequence = owned->followed; // what was given up may still come by the own lane
    owned_claim(ownership, owned, owned->from_epoch, sequence);
    return true;
}

// --- being away -------------------------------------------------------------------------------------------------

/** Others have taken this node for dead, or nearly so, if it did not send a heartbeat for this long. */
static bool ownership_has_slept(const struct ownership *ownership, uint64_t now_ms)
{
    return ownership->beat_ms != 0 &&
           now_ms - ownership->beat_ms >= ownership->settings.dead_after_ms - OWNERSHIP_BEAT_MS;
}

void ownership_age(struct ownership *ownership, uint64_t now_ms)
{
    if (nodes_age(&ownership->nodes, ownership->settings.dead_after_ms, now_ms) == 0)
        return;
    ownership->death_ms = now_ms;
    ownership->waking = true; // are the others there?
    ownership_hasten(ownership);
}

bool ownership_may_publish(struct ownership *ownership, uint64_t now_ms)
{
    if (ownership_has_slept(ownership, now_ms)) {
        nodes_excuse(&ownership->nodes, now_ms - ownership->beat_ms, now_ms);
        ownership_shut(ownership, now_ms);
        ownership->beat_ms = now_ms; // it is told once
    }
    if (ownership->gate == 0)
        return true;
    ownership_age(ownership, now_ms);
    if (now_ms < ownership->gate_ms || ownership->beat < ownership->gate ||
        !nodes_have_heard(&ownership->nodes, ownership->gate))
        return false;
    ownership->gate = 0;
    return true;
}

size_t ownership_claims(const struct ownership *ownership)
{
    size_t claims = 0;

    for (size_t i = 0; i < ownership->count; i++)
        claims += ownership->list[i]->claim != 0;
    return claims;
}
