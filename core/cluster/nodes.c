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
    member->alive = !beat->leaving;
    if (!was_alive)
        member->since_ms = now_ms;
    return was_alive || beat->leaving ? NODES_KNOWN : NODES_ARRIVED;
}

enum nodes_news nodes_hear(struct nodes *nodes, struct heartbeat *beat, uint64_t now_ms)
{
    struct node_member *member = nodes_find(nodes, &beat->member);
    enum nodes_news news = NODES_KNOWN;

    if (member_equals(&beat->member, &nodes->me))
        news = NODES_OWN;
    else if (member != NULL && beat->beat <= member->beat->beat)
        news = NODES_STALE;
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
