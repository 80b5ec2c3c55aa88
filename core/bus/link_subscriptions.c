// core/bus/link_subscriptions.c: subscriptions of a connection: how they begin and end, and what they deliver.
#include "bus/link_inside.h"

#include "base/log.h"
#include "base/memory.h"
#include "bus/letter.h"

#ifdef AMP_WITH_NATS

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>

#define PENDING_SHARE \
    4              // libnats may have so many times bus_memory of a subject: delivery only copies, so it rarely has any
#define HEADERS 64 // of a message; more are not read

// --- callbacks, on libnats's threads ----------------------------------------------------------------------------

static void on_complete(void *closure)
{
    struct link_subscription *subscription = closure;
    struct link *link = subscription->link;

    atomic_store(&subscription->complete, true); // from here on it may be gone
    link_release(link);
}

/** Makes a message of the headers. NULL: there are none, or they cannot be read. */
static struct message *read_head(natsMsg *message)
{
    const char **keys = NULL, *value;
    int count = 0;
    struct message_builder builder;

    if (natsMsgHeader_Keys(message, &keys, &count) != NATS_OK)
        return NULL;
    message_builder_init(&builder);
    for (int i = 0; i < count && i < HEADERS; i++) {
        if (natsMsgHeader_Get(message, keys[i], &value) == NATS_OK && value != NULL)
            message_add_clean(&builder, span_of(keys[i]), span_of(value));
    }
    free(keys);
    if (builder.count > 0)
        return message_build(&builder);
    message_builder_fini(&builder);
    return NULL;
}

/** There is no room: the hub is told once, until half of it is free again. */
static void drop_received(struct bus *bus)
{
    metric_add_shared(&bus->metrics->full_in, 1);
    if (bus->told_full)
        return;
    bus->told_full = true;
    log_warn(NULL, "mailbox from the bus full, messages dropped waiting_bytes=%" PRIu64,
             metric_get(&bus->metrics->waiting_in));
    bus_tell(bus, BUS_LOST);
}

static void on_message(natsConnection *connection, natsSubscription *subscription, natsMsg *message, void *closure)
{
    struct bus *bus = ((struct link *)closure)->bus;
    const char *subject = natsMsg_GetSubject(message), *reply = natsMsg_GetReply(message);
    struct span body = {natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message)};
    bool no_responders = natsMsg_IsNoResponders(message);
    uint64_t waiting = metric_get(&bus->metrics->waiting_in);
    (void)connection, (void)subscription;

    if (waiting + bus_letter_size(subject, reply, 0, body.length) > bus->limit) {
        drop_received(bus);
    } else {
        struct message *head = no_responders ? NULL : read_head(message);
        struct bus_letter *letter = bus_letter_of(bus->letter_kind, subject, reply, head, body);
        letter->no_responders = no_responders;
        metric_add(&bus->metrics->received, 1);
        metric_add(&bus->metrics->received_bytes, letter->size);
        metric_add_shared(&bus->metrics->waiting_in, letter->size);
        bus->told_full &= waiting > bus->limit / 2;
        mailbox_put(bus->inbox, &letter->letter);
    }
    natsMsg_Destroy(message);
}

// --- on the bus's thread ----------------------------------------------------------------------------------------

struct link_subscription *link_subscribe(struct link *link, const char *subject)
{
    struct link_subscription *made = memory_zero(1, sizeof *made);
    natsStatus status = natsConnection_Subscribe(&made->subscription, link->connection, subject, on_message, link);

    if (status != NATS_OK) {
        log_error(NULL, "not subscribed subject=%s reason=\"%s\"", subject, natsStatus_GetText(status));
        free(made);
        return NULL;
    }
    made->link = link;
    uint64_t pending = link->bus->limit * PENDING_SHARE;
    if (pending > INT_MAX)
        pending = INT_MAX;
    natsSubscription_SetPendingLimits(made->subscription, -1, (int)pending);
    pthread_mutex_lock(&link->lock);
    link->users++;
    pthread_mutex_unlock(&link->lock);
    if (natsSubscription_SetOnCompleteCB(made->subscription, on_complete, made) != NATS_OK)
        on_complete(made);
    return made;
}

/** Frees what has ended and is complete. */
static void free_complete(struct link *link)
{
    struct link_subscription **place = &link->ended, *each;

    while ((each = *place) != NULL) {
        if (!atomic_load(&each->complete)) {
            place = &each->next;
            continue;
        }
        *place = each->next;
        natsSubscription_Destroy(each->subscription);
        free(each);
    }
}

void link_unsubscribe(struct link_subscription *subscription)
{
    if (subscription == NULL)
        return;
    struct link *link = subscription->link;
    natsSubscription_Unsubscribe(subscription->subscription);
    free_complete(link);
    subscription->next = link->ended;
    link->ended = subscription;
}

#endif
