// core/calls/bridges.c: bridges, and the rules that see a channel in a bridge.
#include "base/memory.h"
#include "calls/inside.h"

#include <stddef.h>
#include <stdlib.h>

static struct bridge *bridges_of_node(struct map_node *node)
{
    return node == NULL ? NULL : (struct bridge *)(void *)((char *)node - offsetof(struct bridge, node));
}

struct bridge *bridges_find(const struct calls *calls, uint32_t server, struct span id)
{
    return bridges_of_node(map_find(&calls->bridges, server, id));
}

struct bridge *bridges_get(struct calls *calls, uint32_t server, struct span id)
{
    struct bridge *bridge = bridges_find(calls, server, id);

    if (bridge != NULL)
        return bridge;
    bridge = memory_zero(1, sizeof *bridge + id.length + 1);
    memcpy(bridge->id, id.bytes, id.length);
    bridge->seen = bits_new(calls);
    map_add(&calls->bridges, &bridge->node, server, (struct span){bridge->id, id.length});
    return bridge;
}

void bridges_see(struct calls *calls, struct bridge *bridge, const uint64_t *bits)
{
    rule_bits news = bits_new(calls);

    bits_copy(calls, news, bits);
    bits_take(calls, news, bridge->seen);
    if (bits_any(calls, news)) {
        bits_add(calls, bridge->seen, news);
        calls_add_reveal(calls, bridge->created, news);
    }
    free(news);
}

void bridges_enter(struct calls *calls, struct bridge *bridge, struct channel *channel)
{
    if (channel->bridge != bridge) {
        bridges_leave(channel);
        channel->bridge = bridge;
        list_add_first(&bridge->channels, &channel->of_bridge);
    }
    bridges_see(calls, bridge, channel->seen);
}

void bridges_leave(struct channel *channel)
{
    if (channel->bridge == NULL)
        return;
    list_remove(&channel->bridge->channels, &channel->of_bridge);
    channel->bridge = NULL;
}

void bridges_destroy(struct calls *calls, struct bridge *bridge)
{
    while (bridge->channels.first != NULL)
        bridges_leave(LATEST_OF_BRIDGE(bridge));
    map_remove(&calls->bridges, &bridge->node);
    message_unref(bridge->created);
    free(bridge->seen);
    free(bridge);
}

void bridges_free_all(struct calls *calls)
{
    for (size_t i = 0; i < calls->bridges.size; i++) {
        while (calls->bridges.slots[i] != NULL)
            bridges_destroy(calls, bridges_of_node(calls->bridges.slots[i]));
    }
}

void bridges_new_rules(struct calls *calls, const size_t *kept, size_t old_count)
{
    for (size_t i = 0; i < calls->bridges.size; i++) {
        for (struct map_node *node = calls->bridges.slots[i]; node != NULL; node = node->next) {
            struct bridge *bridge = bridges_of_node(node);
            rule_bits old = bridge->seen;
            bridge->seen = bits_new(calls);
            rules_carry_over(kept, old_count, old, bridge->seen); // also of those whose channel has left it
            free(old);
            for (const struct channel *in = LATEST_OF_BRIDGE(bridge); in != NULL;
                 in = LIST_NEXT(in, struct channel, of_bridge))
                bits_add(calls, bridge->seen, in->seen);
        }
    }
}
