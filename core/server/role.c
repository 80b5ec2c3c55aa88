// core/server/role.c: see role.h: how a server changes hands.
#include "server/role.h"

#include "base/memory.h"
#include "server/server.h"

#include <stdlib.h>

static const char *const state_names[] = {"remote", "standby", "own", "leaving"};

/** Enters a state: the only writer of the state. */
static void role_enter(struct server *server, enum role_state next)
{
    struct role *role = server->role;

    if (role->state != next)
        log_debug(&server->log, "role from=%s to=%s", state_names[role->state], state_names[next]);
    role->state = next;
}

void role_create(struct server *server)
{
    server->role = memory_zero(1, sizeof *server->role);
    server->role->state = ROLE_REMOTE;
    lane_init(&server->role->afar, server, false);
}

void role_destroy(struct server *server)
{
    if (server->role == NULL)
        return;
    server_drop_exchanges(&server->role->afar);
    offer_clear(&server->role->offer);
    message_unref(server->role->actions);
    writer_buffer_fini(&server->role->out);
    free(server->role);
    server->role = NULL;
}

void role_keep_actions(struct server *server, const struct message *answer)
{
    const struct servers_bus *bus = server->servers->output.bus;

    message_unref(server->role->actions);
    server->role->actions = message_ref(answer);
    bus->changed(bus->context, server);
}

void role_own(struct server *server)
{
    struct role *role = server->role;

    if (role->state == ROLE_OWN)
        return;
    remote_lose(server, "its owner is gone");
    role_enter(server, ROLE_OWN);
    role->node[0] = '\0';
    server_begin(server);
}

void role_follow(struct server *server, const char *reason)
{
    bool served = role_is_own(server) && server_is_up(server);

    if (server->role->state == ROLE_REMOTE)
        return;
    role_enter(server, ROLE_REMOTE);
    server_rest(server, reason);
    offer_clear(&server->role->offer);
    if (served)
        server_tell_down(server, reason);
}
