// core/cluster/nodes.c: see nodes.h.
#include "cluster/nodes.h"

#include "base/memory.h"

#include <stdlib.h>

static void member_free(struct node_member *member)
{
    heartbeat_free(member->beat);
    free(member);
}

void nodes_fini(struct nodes *nodes)
{
    for (size_t i = 0; i < nodes->count; i++)
        member_free(nodes->members[i]);
    nodes->count = 0;
}

struct node_member *nodes_find(const struct nodes *nodes, const struct member_id *id)
{
    for (size_t i = 0; i < nodes->count; i++) {
        if (member_equals(&nodes->members[i]->beat->member, id))
            return nodes->members[i];
    }
    return NULL;
}

/** Takes a member out of the table and frees it. */
static void nodes_remove(struct nodes *nodes, size_t at)
{
    member_free(nodes->members[at]);
    nodes->members[at] = nodes->members[--nodes->count];
}

/** Makes room for one more by forgetting the one that has been dead for longest. */
static bool nodes_make_room(struct nodes *nodes)
{
    size_t oldest = nodes->count;

    if (nodes->count < NODES_MOST)
        return true;
    for (size_t i = 0; i < nodes->count; i++) {
        const struct node_member *member = nodes->members[i];
        if (!member->alive && (oldest == nodes->count || member->heard_ms < nodes->members[oldest]->heard_ms))
            oldest = i;
    }
    if (oldest == nodes->count)
        return false;
    nodes_remove(nodes, oldest);
    return true;
}

static enum nodes_news nodes_update(struct nodes *nodes, struct node_member *member, struct heartbeat *beat,
                                    uint64_t now_ms)
{
    bool was_alive = member->alive;

    heartbeat_free(member->beat);
    member->beat = beat;
    member->heard_ms = now_ms;
    member->echo = heartbeat_echo(beat, &nodes->me);
    member->lows = 0;
    member->alive = !beat->leaving;
    if (!was_alive)
        member->since_ms = now_ms;
    return was_alive || beat->leaving ? NODES_KNOWN : NODES_ARRIVED;
}

/** Judges a heartbeat of a known member whose number is not above that of the last one. Old ones come together, or one
 *  again and again; those of a living process rise at its pace. Their times are not looked at: clocks can be set. */
static enum nodes_news judge_number(struct node_member *member, const struct heartbeat *beat, uint64_t now_ms)
{
    bool rises = member->lows > 0 && beat->beat > member->low;

    if (rises && now_ms - member->low_ms < NODES_PACE_MS)
        return NODES_STALE;
    member->lows = rises ? member->lows + 1 : 1;
    member->low = beat->beat;
    member->low_ms = now_ms;
    if (member->lows == NODES_LOWS)
        return NODES_KNOWN;
    return rises ? NODES_DOUBTED : NODES_STALE;
}

enum nodes_news nodes_hear(struct nodes *nodes, struct heartbeat *beat, uint64_t now_ms)
{
    struct node_member *member = nodes_find(nodes, &beat->member);
    enum nodes_news news = NODES_KNOWN;

    if (member_equals(&beat->member, &nodes->me))
        news = NODES_OWN;
    else if (member != NULL && beat->beat <= member->beat->beat)
        news = judge_number(member, beat, now_ms);
    else if (member == NULL && !nodes_make_room(nodes))
        news = NODES_FULL;
    if (news != NODES_KNOWN) {
        heartbeat_free(beat);
        return news;
    }
    if (member == NULL)
        member = nodes->members[nodes->count++] = memory_zero(1, sizeof *member);
    return nodes_update(nodes, member, beat, now_ms);
}

size_t nodes_age(struct nodes *nodes, uint64_t dead_after_ms, uint64_t now_ms)
{
    size_t died = 0;

    for (size_t i = nodes->count; i-- > 0;) {
        struct node_member *member = nodes->members[i];
        uint64_t silent_ms = now_ms - member->heard_ms;
        if (member->alive && silent_ms >= dead_after_ms) {
            member->alive = false;
            died++;
        }
        if (!member->alive && silent_ms >= dead_after_ms + NODES_FORGET_MS)
            nodes_remove(nodes, i);
    }
    return died;
}

void nodes_excuse(struct nodes *nodes, uint64_t slept_ms, uint64_t now_ms)
{
    for (size_t i = 0; i < nodes->count; i++) {
        struct node_member *member = nodes->members[i];
        if (member->alive)
            member->heard_ms = now_ms - member->heard_ms > slept_ms ? member->heard_ms + slept_ms : now_ms;
    }
}

size_t nodes_alive(const struct nodes *nodes)
{
    size_t alive = 0;

    for (size_t i = 0; i < nodes->count; i++)
        alive += nodes->members[i]->alive;
    return alive;
}

bool nodes_were_heard(const struct nodes *nodes, uint64_t since_ms)
{
    for (size_t i = 0; i < nodes->count; i++) {
        if (nodes->members[i]->alive && nodes->members[i]->heard_ms <= since_ms)
            return false;
    }
    return true;
}

bool nodes_have_heard(const struct nodes *nodes, uint64_t beat)
{
    for (size_t i = 0; i < nodes->count; i++) {
        if (nodes->members[i]->alive && nodes->members[i]->echo < beat)
            return false;
    }
    return true;
}

void nodes_mark(struct nodes *nodes)
{
    for (size_t i = 0; i < nodes->count; i++)
        nodes->members[i]->mark = nodes->members[i]->beat->beat;
}

/** Has the first one heard of the second one what was marked? */
static bool has_heard_mark(const struct node_member *member, const struct node_member *other)
{
    return member == other || heartbeat_echo(member->beat, &other->beat->member) >= other->mark;
}

bool nodes_have_heard_marks(const struct nodes *nodes)
{
    for (size_t i = 0; i < nodes->count; i++) {
        for (size_t j = 0; j < nodes->count; j++) {
            if (nodes->members[i]->alive && nodes->members[j]->alive &&
                !has_heard_mark(nodes->members[i], nodes->members[j]))
                return false;
        }
    }
    return true;
}
