// core/hub/cluster_repair.c: an owner sends events once more to a node that missed them, also for a while after another
// one owns the server.
#include "hub/cluster_inside.h"

#include "server/role.h"
#include "server/server.h"

#include <inttypes.h>
#include <stdlib.h>

/** Returns the ring of one of this node's claims, also for a while after it has ended. NULL: it has none of that epoch.
 */
static const struct offer *ring_of(const struct shared_server *shared, uint64_t epoch)
{
    if (epoch == 0)
        return NULL;
    if (epoch == shared->claim || epoch == shared->last_claim)
        return &shared->server->role->offer;
    return epoch == shared->ended_claim ? &shared->ended : NULL;
}

/** Sends what is collected for a gap. @param done  it is the last part */
static void send_repair(struct shared_server *shared, struct outgoing *out, uint64_t epoch, const char *reply,
                        bool done)
{
    struct message_builder head;
    struct bus_body *body;

    cluster_begin_head(shared->cluster, &head);
    message_addf(&head, "Epoch", "%" PRIu64, epoch);
    if (out->count > 0)
        message_addf(&head, "First", "%" PRIu64, out->first);
    message_addf(&head, "Done", "%d", done);
    body = outgoing_take(out, &head);
    bus_publish(shared->cluster->bus, BUS_PLAIN, reply, NULL, message_build(&head), body);
}

void repair_answer(struct shared_server *shared, const struct bus_letter *letter)
{
    uint64_t first = cluster_number(letter->head, "First", 10), last = cluster_number(letter->head, "Last", 10);
    uint64_t epoch = cluster_number(letter->head, "Epoch", 10);
    const struct offer *offer = ring_of(shared, epoch);
    struct outgoing out = {0};
    struct message *message;

    if (letter->reply == NULL || offer == NULL || first == 0 || last > offer->last)
        return;
    if (first + offer->count <= offer->last)
        first = offer->last - offer->count + 1; // the oldest that is kept
    for (uint64_t number = first; number <= last; number++) {
        message = offer_find(offer, number, NULL);
        if (parts_are_needed(message)) {
            if (out.count > 0)
                send_repair(shared, &out, epoch, letter->reply, false);
            out_long_event(shared, letter->reply, message, epoch, number);
            continue;
        }
        if (out.body != NULL && bus_body_length(out.body) + message->byte_count > CLUSTER_BATCH_BYTES)
            send_repair(shared, &out, epoch, letter->reply, false);
        if (out.count == 0)
            out.first = number;
        outgoing_add(&out, message, NULL);
    }
    send_repair(shared, &out, epoch, letter->reply, true);
    free(out.lengths);
}
