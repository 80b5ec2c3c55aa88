// core/letters/letters.c: see letters.h.
#include "letters/letters.h"

#include "ami/event_class.h"
#include "base/audit.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static struct ask *ask_begin(struct ask *ask, struct message *action, const char *server)
{
    memset(ask, 0, sizeof *ask);
    atomic_init(&ask->references, 1);
    atomic_init(&ask->withdrawal, ASK_WANTED);
    ask->action = message_ref(action);
    ask->server = memory_text(server);
    ask->write = CLASS_ALL;
    return ask;
}

struct ask *ask_create(struct message *action, const char *server)
{
    return ask_begin(memory_new(sizeof(struct ask)), action, server);
}

struct ask *ask_create_in(struct pool *pool, struct message *action, const char *server)
{
    return ask_begin(pool_take(pool), action, server);
}

struct ask *ask_ref(struct ask *ask)
{
    atomic_fetch_add_explicit(&ask->references, 1, memory_order_relaxed);
    return ask;
}

/** Releases a reference. @return was it the last one? */
static inline bool ask_release(struct ask *ask)
{
    return ask != NULL && atomic_fetch_sub_explicit(&ask->references, 1, memory_order_acq_rel) == 1;
}

/** Ends what nobody refers to any more, but for its block. */
static void ask_end(struct ask *ask)
{
    audit_abandon(ask->audit);
    message_unref(ask->action);
    free(ask->server);
    free(ask->reply);
}

void ask_unref(struct ask *ask)
{
    if (!ask_release(ask))
        return;
    ask_end(ask);
    free(ask);
}

void ask_unref_to(struct pool *pool, struct ask *ask)
{
    if (!ask_release(ask))
        return;
    ask_end(ask);
    pool_give(pool, ask);
}

void ask_withdraw(struct ask *ask)
{
    atomic_store_explicit(&ask->withdrawal, ASK_UNAWAITED, memory_order_relaxed);
}

void ask_deny(struct ask *ask)
{
    unsigned char wanted = ASK_WANTED;

    atomic_compare_exchange_strong_explicit(&ask->withdrawal, &wanted, ASK_DENIED, memory_order_relaxed,
                                            memory_order_relaxed);
}

enum ask_withdrawal ask_withdrawal(const struct ask *ask)
{
    return (enum ask_withdrawal)atomic_load_explicit(&ask->withdrawal, memory_order_relaxed);
}

struct batch *batch_create(void)
{
    spares_shelf shelf;
    struct batch *batch = spares_take(sizeof *batch, &shelf);

    batch->shelf = shelf;
    batch->letter = (struct letter){0};
    batch->count = 0;
    batch->capacity = BATCH_FEW;
    batch->entries = batch->few;
    return batch;
}

void batch_destroy(struct pool *pool, struct batch *batch)
{
    if (batch == NULL)
        return;
    for (uint32_t i = 0; i < batch->count; i++) {
        message_unref(batch->entries[i].part.message);
        if (pool != NULL)
            ask_unref_to(pool, batch->entries[i].ask);
        else
            ask_unref(batch->entries[i].ask);
    }
    if (batch->entries != batch->few)
        free(batch->entries);
    spares_give(batch, batch->shelf);
}

static void batch_grow(struct batch *batch)
{
    struct entry *few = batch->entries == batch->few ? batch->few : NULL;

    batch->capacity *= 4;
    batch->entries = memory_grow(few != NULL ? NULL : batch->entries, batch->capacity * sizeof *batch->entries);
    if (few != NULL)
        memcpy(batch->entries, few, batch->count * sizeof *few);
}

void batch_add(struct batch *batch, const struct entry *entry)
{
    if (batch->count == batch->capacity)
        batch_grow(batch);
    batch->entries[batch->count++] = *entry;
}

/** Copies a text to `*end`, and moves `*end` after it. @return the copy */
static const char *letters_put_text(char **end, const char *text)
{
    char *start = *end;

    *end = stpcpy(start, text) + 1;
    return start;
}

struct servers_state *servers_state_copy(const struct servers_state *state)
{
    size_t size = sizeof *state + state->count * sizeof state->servers[0], texts = 0;
    struct servers_state *copy;
    char *end;

    for (uint32_t i = 0; i < state->count; i++) {
        const struct server_summary *server = &state->servers[i];
        texts += strlen(server->name) + strlen(server->host) + strlen(server->address) + strlen(server->user) +
                 strlen(server->events) + 5 + (server->node != NULL ? strlen(server->node) + 1 : 0);
    }
    copy = memory_new(size + texts);
    memcpy(copy, state, size);
    copy->first = (struct span){0};
    copy->first_privileges = NULL;
    end = (char *)copy + size;
    for (uint32_t i = 0; i < copy->count; i++) {
        struct server_summary *server = &copy->servers[i];
        privileges_ref(server->privileges);
        server->name = letters_put_text(&end, server->name);
        if (copy->first.length == 0 && server->up && !server->drained) {
            copy->first = span_of(server->name);
            copy->first_privileges = server->privileges;
        }
        server->host = letters_put_text(&end, server->host);
        server->address = letters_put_text(&end, server->address);
        server->user = letters_put_text(&end, server->user);
        server->events = letters_put_text(&end, server->events);
        if (server->node != NULL)
            server->node = letters_put_text(&end, server->node);
    }
    return copy;
}

void servers_state_destroy(struct servers_state *state)
{
    for (uint32_t i = 0; state != NULL && i < state->count; i++)
        privileges_unref(state->servers[i].privileges);
    free(state);
}

void command_add(struct command *command, struct message *message)
{
    if ((command->answer_count & (command->answer_count - 1)) == 0) // the room is the next power of two
        command->answer = memory_grow(command->answer, (command->answer_count * 2 + 1) * sizeof(struct message *));
    command->answer[command->answer_count++] = message;
}

void command_destroy(struct command *command)
{
    for (uint32_t i = 0; i < command->answer_count; i++)
        message_unref(command->answer[i]);
    free(command->answer);
    message_unref(command->arguments);
    free(command->user);
    free(command->by);
    free(command->notes);
    free(command);
}

void shipment_destroy(struct shipment *shipment)
{
    free(shipment->name);
    free(shipment->subject);
    free(shipment->id);
    free(shipment->bytes);
    free(shipment);
}
