// core/hub/cluster_await.c: questions of this node about a server, and what is made of the answers: each question has a
// number of its own, under which they come.
#include "hub/cluster_inside.h"

void await_begin(struct shared_server *shared, enum awaited_kind kind, char reply[SUBJECT_BYTES])
{
    struct awaited *awaited = &shared->awaited[kind];

    await_end(shared, kind);
    awaited->shared = shared;
    awaited->number = cluster_request(shared->cluster, 0, reply);
    map_add(&shared->cluster->awaited, &awaited->node, 0,
            (struct span){(const char *)&awaited->number, sizeof awaited->number});
}

void await_end(struct shared_server *shared, enum awaited_kind kind)
{
    struct awaited *awaited = &shared->awaited[kind];

    map_remove(&shared->cluster->awaited, &awaited->node);
    awaited->number = 0;
}

void await_take(struct hub_cluster *cluster, uint64_t number, const struct bus_letter *letter)
{
    struct map_node *node = map_find(&cluster->awaited, 0, (struct span){(const char *)&number, sizeof number});
    const struct awaited *awaited = (const struct awaited *)(const void *)node;

    if (awaited == NULL) {
        cluster_take_answer(cluster, number, letter);
        return;
    }
    if (letter->no_responders)
        return; // it is asked again
    switch ((enum awaited_kind)(awaited - awaited->shared->awaited)) {
    case AWAIT_STATE:
        state_take(awaited->shared, letter);
        break;
    case AWAIT_GAP:
        stream_take_gap(awaited->shared, letter);
        break;
    case AWAIT_STILL:
        still_take(awaited->shared, letter);
        break;
    }
}
