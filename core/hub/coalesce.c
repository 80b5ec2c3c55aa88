// core/hub/coalesce.c: see coalesce.h.
#include "hub/coalesce.h"

#include "ami/catalogue.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/map.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define MOST_BYTES (UINT32_C(4) << 20) // of an answer that others may still join, or that is kept

/** One question and its answer so far. */
struct coalesced {
    struct map_node node; // must be first: a pointer to it is cast to the question. In no map: no ask can join any more
    struct list_node of_coalescer;
    struct ask *leader; // whose ask was sent, NULL: it is answered completely
    struct ask **followers;
    size_t follower_count;
    struct answer_part *parts; // one reference of each message
    size_t part_count;
    uint64_t bytes, keep_ms, kept_until_ms;
    bool failed; // by an Error, by the time limit, with its server …: not kept
    char key[];
};

struct coalescer {
    struct map open;
    struct list_head all; // newest first
    coalescer_give *give;
    void *context;
};

struct coalescer *coalescer_create(coalescer_give *give, void *context)
{
    struct coalescer *coalescer = memory_zero(1, sizeof *coalescer);

    map_init(&coalescer->open, false);
    coalescer->give = give;
    coalescer->context = context;
    return coalescer;
}

static void free_share(struct coalescer *coalescer, struct coalesced *share)
{
    map_remove(&coalescer->open, &share->node);
    list_remove(&coalescer->all, &share->of_coalescer);
    if (share->leader != NULL) {
        share->leader->share = NULL;
        ask_unref(share->leader);
    }
    for (size_t i = 0; i < share->follower_count; i++)
        ask_unref(share->followers[i]);
    for (size_t i = 0; i < share->part_count; i++)
        message_unref(share->parts[i].message);
    free(share->followers);
    free(share->parts);
    free(share);
}

void coalescer_destroy(struct coalescer *coalescer)
{
    if (coalescer == NULL)
        return;
    while (coalescer->all.first != NULL)
        free_share(coalescer, LIST_FIRST(&coalescer->all, struct coalesced, of_coalescer));
    map_fini(&coalescer->open);
    free(coalescer);
}

/** Takes the question out of the map, so that no further ask joins it. */
static void close_share(struct coalescer *coalescer, struct coalesced *share)
{
    map_remove(&coalescer->open, &share->node);
    if (share->leader == NULL)
        free_share(coalescer, share);
}

void coalescer_forget(struct coalescer *coalescer)
{
    struct coalesced *next;

    for (struct coalesced *share = LIST_FIRST(&coalescer->all, struct coalesced, of_coalescer); share != NULL;
         share = next) {
        next = LIST_NEXT(share, struct coalesced, of_coalescer);
        close_share(coalescer, share);
    }
}

/** Returns how long the answer to that action is kept, in milliseconds; 0: it is not. */
static uint64_t keep_of(const struct config *config, const char *action)
{
    for (size_t i = 0; i < config->share.keep_count; i++) {
        if (strcasecmp(config->share.keep[i].action, action) == 0)
            return config->share.keep[i].time_ms;
    }
    return 0;
}

/** Makes the key that equal questions share: the server, the asker's rights, and all headers but the ActionID. @return
 * the caller's */
static char *key_of(const struct ask *ask, const char *server, size_t *length)
{
    struct span name, value, wire = message_wire(ask->action);
    size_t size = wire.length + strlen(server) + 32;
    char *key = memory_new(size);

    *length = (size_t)snprintf(key, size, "%s\n%x\n", server, ask->write);
    for (uint32_t i = 0; i < ask->action->header_count; i++) {
        message_header(ask->action, i, &name, &value);
        if (span_is(name, "ActionID") || span_is(name, "Server"))
            continue;
        *length += (size_t)snprintf(key + *length, size - *length, "%.*s:%.*s\n", (int)name.length, name.bytes,
                                    (int)value.length, value.bytes);
    }
    return key;
}

static void coalesce_follow(struct coalescer *coalescer, struct coalesced *share, struct ask *ask)
{
    for (size_t i = 0; i < share->part_count; i++)
        coalescer->give(coalescer->context, &share->parts[i], ask);
    if (share->leader == NULL)
        return; // the answer is complete
    share->followers = memory_grow(share->followers, (share->follower_count + 1) * sizeof(struct ask *));
    share->followers[share->follower_count++] = ask_ref(ask);
}

static void coalesce_lead(struct coalescer *coalescer, struct ask *ask, const char *key, size_t length,
                          uint64_t keep_ms)
{
    struct coalesced *share = memory_zero(1, sizeof *share + length + 1);

    memcpy(share->key, key, length);
    share->keep_ms = keep_ms;
    share->leader = ask_ref(ask);
    ask->share = share;
    list_add_first(&coalescer->all, &share->of_coalescer);
    map_add(&coalescer->open, &share->node, 0, (struct span){share->key, length});
}

bool coalescer_take(struct coalescer *coalescer, const struct config *config, struct ask *ask, const char *usual)
{
    if (coalescer->all.first == NULL && !config->share.in_flight && config->share.keep_count == 0)
        return false;

    const struct action_info *info = ask->action->info;
    bool reads = info != NULL && (info->effect == EFFECT_STABLE || info->effect == EFFECT_VOLATILE);
    uint64_t keep_ms = reads ? keep_of(config, info->name) : 0;
    struct coalesced *share;
    size_t length;
    char *key;

    if (!reads)
        coalescer_forget(coalescer); // it may change what the others asked for
    if (!reads || !ask->alone || ask->all_servers || info->blocking ||
        (info->shape != ANSWER_SINGLE && info->shape != ANSWER_LIST) || (!config->share.in_flight && keep_ms == 0))
        return false;
    key = key_of(ask, ask->server != NULL ? ask->server : usual, &length);
    share = (struct coalesced *)(void *)map_find(&coalescer->open, 0, (struct span){key, length});
    if (share != NULL && share->leader == NULL && clock_ms() >= share->kept_until_ms) {
        close_share(coalescer, share);
        share = NULL;
    }
    if (share != NULL && share->leader != NULL && !config->share.in_flight) {
        free(key);
        return false;
    }
    if (share != NULL)
        coalesce_follow(coalescer, share, ask);
    else
        coalesce_lead(coalescer, ask, key, length, keep_ms);
    free(key);
    return share != NULL;
}

static void end_share(struct coalescer *coalescer, struct coalesced *share)
{
    share->leader->share = NULL;
    ask_unref(share->leader);
    share->leader = NULL;
    for (size_t i = 0; i < share->follower_count; i++)
        ask_unref(share->followers[i]);
    share->follower_count = 0;
    share->kept_until_ms = clock_ms() + share->keep_ms;
    if (share->failed || share->keep_ms == 0 || !share->node.mapped)
        free_share(coalescer, share);
}

/** Does this part show that the question failed: a response other than Success, or a list that was cancelled? */
static bool tells_failure(const struct message *message)
{
    struct span how;

    if (message->kind == MESSAGE_RESPONSE)
        return !span_is(message_name(message), "Success");
    return message_find(message, "EventList", &how) && span_is(how, "Cancelled");
}

void coalescer_answer(struct coalescer *coalescer, const struct answer_part *part, struct ask *ask)
{
    struct coalesced *share = ask->share;

    if (share == NULL)
        return;
    for (size_t i = 0; i < share->follower_count; i++)
        coalescer->give(coalescer->context, part, share->followers[i]);
    share->bytes += part->message->byte_count;
    if (share->bytes > MOST_BYTES)
        map_remove(&coalescer->open, &share->node);
    if (share->node.mapped) {
        share->parts = memory_grow(share->parts, (share->part_count + 1) * sizeof *share->parts);
        share->parts[share->part_count++] = *part;
        message_ref(part->message);
    }
    share->failed = share->failed || part->reason != AMP_REASON_NONE || tells_failure(part->message);
    if (part->final)
        end_share(coalescer, share);
}
