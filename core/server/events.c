// core/server/events.c: an event goes to the sessions and, if this node owns its server, to the other nodes of a
// cluster. Thread: the hub's.
#include "server/server.h"

#include "base/clock.h"

#include <inttypes.h>

/** Offers an event to other nodes. If one of them asked for what raised it, it has the ActionID of that node. */
static void events_offer(struct server *server, struct message *message, const struct ask *ask)
{
    const struct servers_bus *bus = server->servers->output.bus;
    struct message *offered = message_ref(message);
    uint64_t number;

    if (ask != NULL && ask->of_bus) {
        struct span id = message_action_id(ask->action);
        message_unref(offered);
        offered = message_with_action_id(message, &id);
    }
    number = offer_add(&server->role->offer, offered, bus->ring, clock_ms());
    bus->offer(server->role->record, offered, number);
    message_unref(offered);
}

/** Do clients get this event of an own lane, or have they got it from another node? */
static bool is_new(struct role *role, struct message *message)
{
    bool is_common = !span_is(message_name(message), "FullyBooted"); // else it is about this connection

    if (role->state == ROLE_STANDBY && is_common)
        seam_hold(&role->seam, message, true, clock_ms());
    role->unheard += role->state == ROLE_LEAVING && is_common;
    if (role->state != ROLE_OWN)
        return false; // it comes from the owner, too
    if (role->seam_use == SEAM_YIELD && is_common)
        seam_give(&role->seam, message, clock_ms());
    return seam_side_is_empty(&role->after) || !seam_side_skips(&role->after, message, clock_ms());
}

/** Handles an event of an own lane in a cluster. Never inline, so that without a cluster no event pays for it.
 *  @return false: sessions do not get it from here, and it was taken */
__attribute__((noinline)) static bool events_share(struct server *server, struct message *message,
                                                   const struct ask *ask)
{
    if (is_new(server->role, message)) {
        events_offer(server, message, ask);
        return true;
    }
    message_unref(message);
    return false;
}

static void events_output(const struct server *server, struct message *message, struct ask *ask, bool foreign_id)
{
    server->servers->output.event(server->servers->output.context, message, ask, foreign_id);
}

void server_give_event(struct server *server, struct message *message, struct ask *ask, bool foreign_id)
{
    if (server->role == NULL || events_share(server, message, ask))
        events_output(server, message, ask, foreign_id);
}

/** Passes an event on without its ActionID. */
static void output_plain(const struct server *server, struct message *message)
{
    struct message *plain = message_with_action_id(message, NULL);

    message_unref(message);
    events_output(server, plain, NULL, false);
}

void server_give_stray(struct server *server, struct message *message)
{
    if (server->role == NULL || events_share(server, message, NULL))
        output_plain(server, message);
}

void server_pass_event(struct server *server, struct message *message)
{
    struct span id = message_action_id(message);

    if (id.length > 0 && exchange_is_ours(id))
        output_plain(server, message);
    else
        events_output(server, message, NULL, id.length > 0);
}

// --- what the proxy itself tells of a server ----------------------------------------------------------------------

/** Gives all sessions an event (taken), which nobody else has. */
static void tell_event(const struct server *server, struct message *message)
{
    message->from_afar = server->role != NULL && server->role->state != ROLE_OWN; // the owner tells, too
    events_output(server, message, NULL, false);
}

static void tell_clients(struct server *server, const char *event, const char *reason)
{
    struct message_builder builder;

    message_builder_init(&builder);
    message_addf(&builder, "Event", "%s", event);
    message_addf(&builder, "Privilege", "system,all");
    message_addf(&builder, "Server", "%s", server->config->name);
    if (reason != NULL)
        message_addf(&builder, "Reason", "%s", reason);
    tell_event(server, message_build(&builder));
}

void server_tell_up(struct server *server)
{
    metric_set(&server->metrics->up, 1);
    metric_add(&server->metrics->connected, 1);
    servers_tell_state(server->servers);
    tell_clients(server, "ServerUp", NULL);
}

void server_tell_skipped(struct server *server, uint64_t count)
{
    struct message_builder builder;

    message_builder_init(&builder);
    message_addf(&builder, "Event", "EventsSkipped");
    message_addf(&builder, "Privilege", "system,all");
    message_addf(&builder, "Server", "%s", server->config->name);
    message_addf(&builder, "Dropped", "%" PRIu64, count);
    tell_event(server, message_build(&builder));
}

void server_tell_down(struct server *server, const char *reason)
{
    servers_tell_state(server->servers);
    tell_clients(server, "ServerDown", reason);
}
