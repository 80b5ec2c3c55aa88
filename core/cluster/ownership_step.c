// core/cluster/ownership_step.c: the rules; see ownership.h. README.md has them in words.
#include "cluster/ownership_inside.h"

static struct owned_outcome outcome_of(const struct owned *owned)
{
    return (struct owned_outcome){owned->state, owned->source,      owned->wants_lane,   owned->fence,
                                  owned->claim, owned->follow_boot, owned->follow_epoch, owned->to_boot};
}

static bool outcome_equals(const struct owned_outcome *a, const struct owned_outcome *b)
{
    return a->state == b->state && a->source == b->source && a->wants_lane == b->wants_lane && a->fence == b->fence &&
           a->claim == b->claim && a->follow_boot == b->follow_boot && a->follow_epoch == b->follow_epoch &&
           a->to_boot == b->to_boot;
}

/** Nobody claims the server: this node does, if nobody is fitter. */
static void step_unclaimed(const struct scene *scene, struct owned *owned)
{
    struct ownership *ownership = scene->ownership;
    bool goes_on = owned->lane_up && owned->overlaps;

    if (scene->alone) {
        if (scene->now_ms < ownership->listen_ms || owned->state == HOLD_LOCAL ||
            (ownership->settings.keeps && !ownership->bus_up && owned->of_others))
            return;
        owned_enter(ownership, owned, HOLD_LOCAL);
        owned->after_epoch = goes_on ? owned->past_epoch : 0;
        owned->after_sequence = goes_on ? owned->followed : 0;
        return;
    }
    if (!scene->may_claim || !scene_is_ours(scene, owned))
        return;
    if (owned->state == HOLD_LOCAL || !goes_on)
        owned_claim(ownership, owned, 0, 0);
    else
        owned_claim(ownership, owned, owned->past_epoch, owned->followed);
}

/** Somebody else owns the server: is this node one of those that hold a lane besides? */
static void step_beside(const struct scene *scene, struct owned *owned)
{
    struct ownership *ownership = scene->ownership;
    bool stands_by = scene->before < ownership->settings.standby && ownership_fitness(ownership, owned) >= FIT;

    owned->of_others = true;
    owned_enter(ownership, owned, stands_by ? HOLD_WARM : HOLD_NOTHING);
}

/** The owner has given the server to this node: its last events may still come, perhaps once more.
 *  @return nothing else is to be done */
static bool step_end_of_giver(const struct scene *scene, struct owned *owned)
{
    const struct nodes *nodes = &scene->ownership->nodes;
    const struct heartbeat_server *line = NULL;

    if (owned->state != HOLD_READY || scene->now_ms >= owned->await_ms)
        return false;
    for (size_t i = 0; i < nodes->count; i++) {
        if (nodes->members[i]->alive && nodes->members[i]->beat->member.boot == owned->from_boot)
            line = heartbeat_find(nodes->members[i]->beat, span_of(owned->key));
    }
    if (line == NULL || line->ended_epoch != owned->from_epoch || owned->past_epoch != owned->from_epoch)
        return false;
    if (owned->followed >= line->ended_sequence)
        owned_claim(scene->ownership, owned, owned->from_epoch, owned->followed);
    return true;
}

/** HOLD_NOTHING, HOLD_WARM, HOLD_TAKING, HOLD_READY */
static void step_idle(const struct scene *scene, struct owned *owned)
{
    struct ownership *ownership = scene->ownership;

    if (!owned->configured)
        return;
    if (scene->giver.member != NULL && ownership_fitness(ownership, owned) >= FIT) {
        owned->from_boot = scene->giver.member->beat->member.boot;
        owned->from_epoch = scene->giver.line->claim;
        owned->await_ms = scene->now_ms + OWNERSHIP_AWAIT_MS;
        owned_enter(ownership, owned, owned->lane_up ? HOLD_READY : HOLD_TAKING);
    } else if (scene->claim.member != NULL) {
        step_beside(scene, owned);
    } else if (!step_end_of_giver(scene, owned)) {
        step_unclaimed(scene, owned);
    }
}

static void step_opening(const struct scene *scene, struct owned *owned)
{
    bool outdone = scene->up.member != NULL ||
                   (scene->claim.member != NULL && ownership_compare(scene->ownership, owned, &scene->claim) < 0);
    bool failed = scene->fittest.member != NULL && scene->fitness >= (owned->unreached ? FIT : FIT_HOLDS);

    if (outdone || failed)
        owned_enter(scene->ownership, owned, HOLD_NOTHING);
}

/** Its stream ends for a better one. */
static void step_yield(const struct scene *scene, struct owned *owned)
{
    struct ownership *ownership = scene->ownership;

    owned_set_to(ownership, owned, scene->up.member->beat->member.boot, scene->now_ms);
    owned->yields = true;
    if (scene->up.line->after_epoch != 0 && scene->up.line->after_epoch == owned->claim) {
        owned_enter(ownership, owned, HOLD_NOTHING); // the other one has all that came after
    } else if (scene->now_ms - owned->since_ms >= OWNERSHIP_SETTLE_MS) {
        if (owned->state == HOLD_UP)
            owned_enter(ownership, owned, HOLD_RELEASING);
        owned->fence = true;
    }
}

static void step_serving(const struct scene *scene, struct owned *owned)
{
    if (scene->up.member != NULL && ownership_compare(scene->ownership, owned, &scene->up) < 0)
        step_yield(scene, owned);
    else
        ownership_give(scene, owned);
}

static void step_local(const struct scene *scene, struct owned *owned)
{
    struct ownership *ownership = scene->ownership;

    if (scene->up.member != NULL && !owned->lane_up) {
        owned_enter(ownership, owned, HOLD_NOTHING);
    } else if (scene->up.member != NULL) {
        step_yield(scene, owned);
    } else {
        owned->fence = owned->yields = false;
        owned_set_to(ownership, owned, 0, scene->now_ms);
        if (scene->claim.member == NULL)
            step_unclaimed(scene, owned);
    }
}

/** Whose events clients get. */
static void step_source(const struct scene *scene, struct owned *owned)
{
    const struct rival *up = &scene->up;

    owned->follow_boot = owned->follow_epoch = owned->follow_after_epoch = owned->follow_after_sequence = 0;
    if (owned_serves(owned) || up->member != NULL)
        owned->heir_boot = 0;
    if (owned_serves(owned)) {
        owned->source = SOURCE_LANE;
        return;
    }
    if (up->member != NULL) {
        owned->source = SOURCE_BUS;
        owned->follow_boot = up->member->beat->member.boot;
        owned->follow_epoch = up->line->claim;
        owned->follow_after_epoch = up->line->after_epoch;
        owned->follow_after_sequence = up->line->after_sequence;
        if (owned->past_epoch != owned->follow_epoch) {
            owned->past_epoch = owned->follow_epoch;
            owned->followed = 0;
            owned->overlaps = false;
        }
        owned->overlaps = owned->overlaps || (owned->lane_up && up->member->heard_ms > owned->lane_ms);
        owned->soon_ms = scene->now_ms + OWNERSHIP_SOON_MS;
        return;
    }
    bool soon = scene->now_ms < owned->soon_ms &&
                (scene->fitness >= FIT_HOLDS || ownership_fitness(scene->ownership, owned) >= FIT_HOLDS);
    owned->source = soon ? SOURCE_SOON : SOURCE_NONE;
}

static void step_server(struct scene *scene, struct owned *owned)
{
    struct ownership *ownership = scene->ownership;

    if (owned->unreached && scene->now_ms >= owned->retry_ms) {
        owned->unreached = false;
        ownership_hasten(ownership);
    }
    if (owned->ended_epoch != 0 && scene->now_ms - owned->ended_ms >= OWNERSHIP_ENDED_MS)
        owned->ended_epoch = owned->ended_sequence = 0;
    scene_look(scene, owned);
    switch (owned->state) {
    case HOLD_NOTHING:
    case HOLD_WARM:
    case HOLD_TAKING:
    case HOLD_READY:
        step_idle(scene, owned);
        break;
    case HOLD_OPENING:
        step_opening(scene, owned);
        break;
    case HOLD_UP:
    case HOLD_RELEASING:
        step_serving(scene, owned);
        break;
    case HOLD_LOCAL:
        step_local(scene, owned);
        break;
    }
    step_source(scene, owned);
}

/** Counts the servers on their way to another node. */
static size_t count_giving(const struct ownership *ownership)
{
    size_t giving = 0;

    for (size_t i = 0; i < ownership->count; i++)
        giving += ownership->list[i]->to_boot != 0;
    return giving;
}

void ownership_step(struct ownership *ownership, uint64_t now_ms)
{
    bool open = ownership_may_publish(ownership, now_ms);
    struct scene scene = {.ownership = ownership, .now_ms = now_ms};

    ownership_age(ownership, now_ms);
    scene.alone = nodes_alive(&ownership->nodes) == 0;
    // Who loses sight of one node may lose sight of all, and then it is better to claim nothing.
    scene.may_claim = open && ownership->bus_up && now_ms >= ownership->listen_ms && !ownership->leaving &&
                      nodes_were_heard(&ownership->nodes, ownership->death_ms);
    ownership->giving = count_giving(ownership);
    for (size_t i = 0; i < ownership->count; i++) {
        struct owned *owned = ownership->list[i];
        step_server(&scene, owned);
        struct owned_outcome now = outcome_of(owned);
        if (outcome_equals(&owned->told, &now))
            continue;
        owned->told = now;
        ownership->settings.changed(ownership->settings.context, owned);
    }
}
