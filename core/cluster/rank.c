// core/cluster/rank.c: see rank.h.
#include "cluster/rank.h"

#include "base/hash.h"

uint64_t rank_score(struct span server, struct span node)
{
    uint64_t hash = hash_span(hash_step(hash_span(HASH_START, server), 0), node);

    hash = (hash ^ hash >> 33) * UINT64_C(0xff51afd7ed558ccd);
    hash = (hash ^ hash >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return hash ^ hash >> 33;
}

static int order_of(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int order_of_names(struct span a, struct span b)
{
    size_t common = a.length < b.length ? a.length : b.length;
    int order = common == 0 ? 0 : memcmp(a.bytes, b.bytes, common);

    return order != 0 ? order : order_of(a.length, b.length);
}

int rank_compare(struct span server, const struct member_id *a, const struct member_id *b)
{
    int order = order_of(rank_score(server, a->node), rank_score(server, b->node));

    if (order == 0)
        order = order_of_names(a->node, b->node);
    if (order == 0)
        order = order_of(a->started, b->started);
    return order != 0 ? order : order_of(a->boot, b->boot);
}

bool member_equals(const struct member_id *a, const struct member_id *b)
{
    return a->boot == b->boot && span_equals(a->node, b->node);
}
