// core/cluster/ownership_scene.c: what the others do with a server, and who is fit to own it; see ownership.h.
#include "cluster/ownership_inside.h"

static bool claims_before(struct span key, const struct rival *a, const struct rival *b)
{
    if (b->member == NULL || a->line->claim != b->line->claim)
        return b->member == NULL || a->line->claim > b->line->claim;
    return rank_compare(key, &a->member->beat->member, &b->member->beat->member) > 0;
}

int ownership_compare(const struct ownership *ownership, const struct owned *owned, const struct rival *rival)
{
    if (owned->claim != rival->line->claim)
        return owned->claim > rival->line->claim ? 1 : -1;
    return rank_compare(span_of(owned->key), &ownership->settings.me, &rival->member->beat->member);
}

static enum fitness fitness_of(const struct node_member *member, const struct heartbeat_server *line)
{
    if (line->unreached)
        return FIT_FAILED;
    if (member->beat->draining)
        return FIT_LEAVING;
    if (line->state == HOLD_READY)
        return FIT_READY;
    return line->state == HOLD_WARM || line->state == HOLD_LOCAL ? FIT_HOLDS : FIT;
}

enum fitness ownership_fitness(const struct ownership *ownership, const struct owned *owned)
{
    if (!owned->configured)
        return UNFIT;
    if (owned->unreached)
        return FIT_FAILED;
    if (ownership->draining)
        return FIT_LEAVING;
    if (owned->state == HOLD_READY)
        return FIT_READY;
    return owned->lane_up && (owned->state == HOLD_WARM || owned->state == HOLD_LOCAL) ? FIT_HOLDS : FIT;
}

/** Notes how fit one of the others is. */
static void scene_judge(struct scene *scene, struct span key, const struct rival *rival)
{
    const struct member_id *id = &rival->member->beat->member;
    enum fitness fitness = fitness_of(rival->member, rival->line);

    if (scene->fittest.member == NULL || fitness > scene->fitness ||
        (fitness == scene->fitness && rank_compare(key, id, &scene->fittest.member->beat->member) > 0)) {
        scene->fittest = *rival;
        scene->fitness = fitness;
    }
    if (fitness < FIT)
        return;
    if (scene->first.member == NULL || rank_compare(key, id, &scene->first.member->beat->member) > 0)
        scene->first = *rival;
    if (!hold_is_claim(rival->line->state) && rank_compare(key, id, &scene->ownership->settings.me) > 0)
        scene->before++;
}

void scene_look(struct scene *scene, const struct owned *owned)
{
    const struct nodes *nodes = &scene->ownership->nodes;
    const struct member_id *me = &scene->ownership->settings.me;
    struct span key = span_of(owned->key);
    const struct rival none = {0};

    scene->up = scene->claim = scene->giver = scene->fittest = scene->first = none;
    scene->fitness = UNFIT;
    scene->before = 0;
    for (size_t i = 0; i < nodes->count; i++) {
        struct rival rival = {nodes->members[i], NULL};
        if (rival.member->alive)
            rival.line = heartbeat_find(rival.member->beat, key);
        if (rival.line == NULL)
            continue;
        scene_judge(scene, key, &rival);
        if (!hold_is_claim(rival.line->state))
            continue;
        if (claims_before(key, &rival, &scene->claim))
            scene->claim = rival;
        if (rival.line->state != HOLD_OPENING && claims_before(key, &rival, &scene->up))
            scene->up = rival;
        if (member_equals(&rival.line->give, me) && claims_before(key, &rival, &scene->giver))
            scene->giver = rival;
    }
}

bool scene_is_ours(const struct scene *scene, const struct owned *owned)
{
    enum fitness mine = ownership_fitness(scene->ownership, owned);

    if (mine == UNFIT)
        return false;
    if (scene->fittest.member == NULL || mine != scene->fitness)
        return scene->fittest.member == NULL || mine > scene->fitness;
    return rank_compare(span_of(owned->key), &scene->ownership->settings.me, &scene->fittest.member->beat->member) > 0;
}
