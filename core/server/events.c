// core/server/events.c: an event goes to the sessions and, if this node owns its server, to the other nodes of a
// cluster. Thread: the hub's.
#include "server/server.h"

#include "base/clock.h"

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
    bus->offer(bus->context, server->config->name, offered, number);
    message_unref(offered);
}

/** Handles an event of an own lane in a cluster. @return false: sessions do not get it from here, and it was taken */
static bool events_share(struct server *server, struct message *message, const struct ask *ask)
{
    if (server->role->state == ROLE_OWN) {
        events_offer(server, message, ask);
        return true;
    }
    message_unref(message); // it comes from the owner, too
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
