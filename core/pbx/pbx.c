// core/pbx/pbx.c: see pbx.h: channels and calls.
#include "pbx/inside.h"

#include "base/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/** The channels of one Linkedid. */
struct pbx_call {
    struct map_node node; // must be first; key: Linkedid
    uint64_t channels, since_ms;
    char key[];
};

struct pbx_channel {
    struct map_node node; // must be first; key: Uniqueid
    struct pbx_call *call;
    unsigned state;
    char key[];
};

struct pbx_server {
    struct list_node place;
    struct map channels, calls;
    struct list_head queues;
    size_t queue_count;
    uint64_t states[PBX_STATES], calls_ended, call_ms;
    char name[];
};

struct pbx {
    pthread_mutex_t lock;
    struct list_head servers;
};

uint64_t pbx_number(const struct message *message, const char *name)
{
    struct span value;
    uint64_t number = 0;

    if (message_find(message, name, &value))
        (void)span_number(value, 0, UINT32_MAX, &number);
    return number;
}

void pbx_clear(struct map *map)
{
    for (size_t i = 0; i < map->size; i++) {
        while (map->slots[i] != NULL) {
            struct map_node *node = map->slots[i];
            map_remove(map, node);
            free(node);
        }
    }
}

struct pbx *pbx_create(void)
{
    struct pbx *pbx = memory_zero(1, sizeof *pbx);

    pthread_mutex_init(&pbx->lock, NULL);
    return pbx;
}

static void pbx_reset(struct pbx_server *server)
{
    pbx_clear(&server->channels);
    pbx_clear(&server->calls);
    memset(server->states, 0, sizeof server->states);
    queues_reset(&server->queues);
}

void pbx_destroy(struct pbx *pbx)
{
    if (pbx == NULL)
        return;
    for (struct list_node *node; (node = list_take_first(&pbx->servers)) != NULL;) {
        struct pbx_server *server = LIST_OBJECT(node, struct pbx_server, place);
        pbx_reset(server);
        queues_free(&server->queues);
        map_fini(&server->channels);
        map_fini(&server->calls);
        free(server);
    }
    pthread_mutex_destroy(&pbx->lock);
    free(pbx);
}

static struct pbx_server *pbx_find_server(struct pbx *pbx, struct span name)
{
    struct pbx_server *server;

    for (server = LIST_FIRST(&pbx->servers, struct pbx_server, place); server != NULL;
         server = LIST_NEXT(server, struct pbx_server, place)) {
        if (span_equals(span_of(server->name), name))
            return server;
    }
    server = memory_zero(1, sizeof *server + name.length + 1);
    memcpy(server->name, name.bytes, name.length);
    map_init(&server->channels, false);
    map_init(&server->calls, false);
    list_add_last(&pbx->servers, &server->place);
    return server;
}

// --- channels and calls -----------------------------------------------------------------------------------------

static struct pbx_call *pbx_enter_call(struct pbx_server *server, struct span linked, uint64_t since_ms)
{
    struct pbx_call *call = (struct pbx_call *)(void *)map_find(&server->calls, 0, linked);

    if (call == NULL) {
        call = memory_zero(1, sizeof *call + linked.length + 1);
        memcpy(call->key, linked.bytes, linked.length);
        call->since_ms = since_ms;
        map_add(&server->calls, &call->node, 0, (struct span){call->key, linked.length});
    }
    call->channels++;
    return call;
}

/** @param counts  the call ends with its last channel; otherwise it goes on as another one */
static void pbx_leave_call(struct pbx_server *server, struct pbx_call *call, uint64_t now_ms, bool counts)
{
    if (--call->channels > 0)
        return;
    server->calls_ended += counts;
    server->call_ms += counts ? now_ms - call->since_ms : 0;
    map_remove(&server->calls, &call->node);
    free(call);
}

static void pbx_see_hangup(struct pbx_server *server, struct span unique, uint64_t now_ms)
{
    struct pbx_channel *channel = (struct pbx_channel *)(void *)map_find(&server->channels, 0, unique);

    if (channel == NULL)
        return;
    server->states[channel->state]--;
    pbx_leave_call(server, channel->call, now_ms, true);
    map_remove(&server->channels, &channel->node);
    free(channel);
}

/** A channel that there is: its state, and the call that it belongs to. @param is_new  it may be one that is not known
 */
static void pbx_see_channel(struct pbx_server *server, const struct message *message, struct span unique, bool is_new,
                            uint64_t now_ms)
{
    struct pbx_channel *channel = (struct pbx_channel *)(void *)map_find(&server->channels, 0, unique);
    uint64_t state = pbx_number(message, "ChannelState"), since = now_ms - pbx_number(message, "Seconds") * 1000;
    struct span linked, value;

    if (!message_find(message, "Linkedid", &linked) || linked.length == 0)
        linked = unique;
    if (channel == NULL) {
        if (!is_new || unique.length == 0 || server->channels.count >= PBX_CHANNELS)
            return;
        channel = memory_zero(1, sizeof *channel + unique.length + 1);
        memcpy(channel->key, unique.bytes, unique.length);
        map_add(&server->channels, &channel->node, 0, (struct span){channel->key, unique.length});
        channel->call = pbx_enter_call(server, linked, since);
        server->states[0]++;
    } else if (!span_equals(span_of(channel->call->key), linked)) { // two calls have become one
        struct pbx_call *before = channel->call;
        channel->call = pbx_enter_call(server, linked, before->since_ms);
        pbx_leave_call(server, before, now_ms, false);
    }
    if (!message_find(message, "ChannelState", &value) || state >= PBX_STATES)
        return;
    server->states[channel->state]--;
    channel->state = (unsigned)state;
    server->states[state]++;
}

// --- the interface ----------------------------------------------------------------------------------------------

static void pbx_see_event(struct pbx_server *server, const struct message *message, struct span name, uint64_t now_ms)
{
    struct span unique = {0};

    if (queues_see(&server->queues, &server->queue_count, message, name, now_ms))
        return;
    if (!message_find(message, "Uniqueid", &unique))
        return;
    if (span_is(name, "Hangup"))
        pbx_see_hangup(server, unique, now_ms);
    else if (span_is(name, "Newchannel") || span_is(name, "Status"))
        pbx_see_channel(server, message, unique, true, now_ms);
    else if (span_is(name, "Newstate") || span_is(name, "BridgeEnter") || span_is(name, "BridgeLeave"))
        pbx_see_channel(server, message, unique, false, now_ms);
}

void pbx_see(struct pbx *pbx, const struct message *message, uint64_t now_ms)
{
    struct span name = message_name(message), server = {0};

    if (name.length == 0 || strchr("NnHhBbQqAaSsEe", name.bytes[0]) == NULL ||
        !message_find(message, "Server", &server))
        return;
    pthread_mutex_lock(&pbx->lock);
    if (!message->from_server && (span_is(name, "ServerDown") || span_is(name, "EventsSkipped")))
        pbx_reset(pbx_find_server(pbx, server));
    else
        pbx_see_event(pbx_find_server(pbx, server), message, name, now_ms);
    pthread_mutex_unlock(&pbx->lock);
}

void pbx_forget(struct pbx *pbx)
{
    pthread_mutex_lock(&pbx->lock);
    for (struct pbx_server *server = LIST_FIRST(&pbx->servers, struct pbx_server, place); server != NULL;
         server = LIST_NEXT(server, struct pbx_server, place))
        pbx_reset(server);
    pthread_mutex_unlock(&pbx->lock);
}

static struct pbx_server_figures pbx_figures(const struct pbx_server *server)
{
    struct pbx_server_figures figures = {.name = server->name,
                                         .calls = server->calls.count,
                                         .calls_ended = server->calls_ended,
                                         .call_s = (double)server->call_ms / 1000};

    memcpy(figures.channels, server->states, sizeof figures.channels);
    return figures;
}

void pbx_each(struct pbx *pbx, uint64_t now_ms, void (*server)(void *context, const struct pbx_server_figures *figures),
              void (*queue)(void *context, const char *server, const struct pbx_queue_figures *figures), void *context)
{
    pthread_mutex_lock(&pbx->lock);
    for (struct pbx_server *each = LIST_FIRST(&pbx->servers, struct pbx_server, place); each != NULL;
         each = LIST_NEXT(each, struct pbx_server, place)) {
        struct pbx_server_figures figures = pbx_figures(each);
        if (server != NULL)
            server(context, &figures);
        for (struct pbx_queue *item = LIST_FIRST(&each->queues, struct pbx_queue, place); queue != NULL && item != NULL;
             item = LIST_NEXT(item, struct pbx_queue, place)) {
            struct pbx_queue_figures of_queue = queues_figures(item, now_ms);
            queue(context, each->name, &of_queue);
        }
    }
    pthread_mutex_unlock(&pbx->lock);
}
