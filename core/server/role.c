// core/server/role.c: see role.h: how a server changes hands.
#include "server/role.h"

#include "base/clock.h"
#include "base/memory.h"
#include "server/server.h"

#include <stdio.h>
#include <stdlib.h>

#define LEAVE_LEAST_MS 5000 // for what comes late without being awaited
#define LEAVE_MS 60000      // longest wait for answers and OriginateResponses, when another node owns the server

static const char *const state_names[] = {"remote", "standby", "own", "leaving"};

/** Enters a state: the only writer of the state. */
static void role_enter(struct server *server, enum role_state next)
{
    struct role *role = server->role;

    if (role->state != next)
        log_debug(&server->log, "role from=%s to=%s", state_names[role->state], state_names[next]);
    role->state = next;
}

void role_keep_actions(struct server *server, const struct message *answer)
{
    const struct servers_bus *bus = server->servers->output.bus;

    message_unref(server->role->actions);
    server->role->actions = message_ref(answer);
    bus->changed(server->role->record);
}

// --- seams ----------------------------------------------------------------------------------------------------------

static void end_seam(struct role *role)
{
    if (role->seam_use != SEAM_NONE)
        seam_fini(&role->seam);
    role->seam_use = SEAM_NONE;
}

static void begin_seam(struct role *role, enum role_seam use)
{
    end_seam(role);
    seam_init(&role->seam);
    role->seam_use = use;
}

/** The stream that was held is given from now on, but for what clients have got of the other one. */
static void cross_seam(struct server *server, void (*give)(struct server *server, struct message *message))
{
    struct role *role = server->role;
    struct message *message;

    seam_side_fini(&role->after);
    seam_side_init(&role->after);
    if (role->seam_use == SEAM_NONE)
        return;
    while ((message = seam_next(&role->seam)) != NULL)
        give(server, message);
    role->after = seam_end(&role->seam);
    end_seam(role);
}

/** Gives an event (taken) that the own lane had while another node owned the server. */
static void give_own(struct server *server, struct message *message)
{
    struct span id = message_action_id(message);

    if (id.length > 0 && exchange_is_ours(id))
        server_give_stray(server, message);
    else
        server_give_event(server, message, NULL, id.length > 0);
}

void role_create(struct server *server)
{
    const struct servers_bus *bus = server->servers->output.bus;

    server->role = memory_zero(1, sizeof *server->role);
    server->role->state = ROLE_REMOTE;
    lane_init(&server->role->afar, server, false);
    seam_side_init(&server->role->after);
    server->role->record = bus->join(bus->context, server);
}

void role_destroy(struct server *server)
{
    if (server->role == NULL)
        return;
    server->servers->output.bus->leave(server->role->record);
    server_drop_exchanges(&server->role->afar);
    offer_clear(&server->role->offer);
    end_seam(server->role);
    seam_side_fini(&server->role->after);
    message_unref(server->role->actions);
    writer_buffer_fini(&server->role->out);
    free(server->role);
    server->role = NULL;
}

// --- changes --------------------------------------------------------------------------------------------------------

void role_own(struct server *server)
{
    struct role *role = server->role;
    bool was_up = role->up, stood_by = role->state == ROLE_STANDBY, is_connected = server_is_up(server);
    uint64_t unheard = role->state == ROLE_LEAVING ? role->unheard : 0;

    if (role->state == ROLE_OWN)
        return;
    if (!is_connected)
        remote_lose(server, "its owner is gone");
    role->up = false;
    role_enter(server, ROLE_OWN);
    offer_clear(&role->offer); // it has the events of the owner before
    snprintf(role->node, sizeof role->node, "%s", server->servers->output.bus->node);
    cross_seam(server, give_own);
    if (unheard > 0) // the other node ended before it published anything
        server_tell_skipped(server, unheard);
    if (!is_connected && !stood_by)
        server_begin(server);
    if (is_connected && !was_up)
        server_tell_up(server);
    else if (is_connected)
        servers_tell_state(server->servers);
}

void role_stand_by(struct server *server)
{
    struct role *role = server->role;

    if (role->state != ROLE_REMOTE && role->state != ROLE_LEAVING)
        return;
    begin_seam(role, SEAM_STANDBY);
    role_enter(server, ROLE_STANDBY);
    if (!server_is_up(server))
        server_begin(server);
}

void role_yield(struct server *server)
{
    if (server->role->state == ROLE_OWN && server->role->seam_use != SEAM_YIELD)
        begin_seam(server->role, SEAM_YIELD);
}

void role_stay(struct server *server)
{
    if (server->role->seam_use == SEAM_YIELD)
        end_seam(server->role);
}

void role_leave(struct server *server, bool stay)
{
    struct role *role = server->role;

    if (role->state != ROLE_OWN)
        return;
    role->up = server_is_up(server);
    role_enter(server, ROLE_LEAVING);
    role->left_ms = clock_ms();
    role->unheard = 0;
    cross_seam(server, remote_take_event);
    if (stay)
        role_stand_by(server);
}

/** Leaves out the events of the ring after number `after` that are not older than `age_ms`. */
static void leave_out(struct server *server, uint64_t after, uint64_t age_ms)
{
    struct role *role = server->role;
    uint64_t now = clock_ms(), came_ms;

    for (uint64_t number = role->offer.last; number > after; number--) {
        const struct message *message = offer_find(&role->offer, number, &came_ms);
        if (message == NULL || now - came_ms > age_ms)
            break; // the others are older
        seam_side_note(&role->after, message, now);
    }
}

void role_leave_out(struct server *server, uint64_t after)
{
    leave_out(server, after, UINT64_MAX);
}

void role_leave_out_latest(struct server *server)
{
    leave_out(server, 0, ROLE_OVERLAP_MS);
}

bool role_fence(struct server *server)
{
    struct message_builder action;

    if (MAIN(server)->state != LANE_UP)
        return false;
    message_builder_init(&action);
    message_addf(&action, "Action", "Ping");
    lane_send_own(MAIN(server), PURPOSE_FENCE, &action);
    return true;
}

void role_fenced(struct server *server)
{
    if (server->role != NULL)
        server->servers->output.bus->fenced(server->role->record);
}

/** Closes the lanes of a server that another node serves. */
static void role_rest(struct server *server, const char *reason)
{
    role_enter(server, ROLE_REMOTE);
    server_rest(server, reason);
}

/** Has everything been answered that was sent on the own lanes? */
static bool has_finished(const struct server *server)
{
    uint32_t unanswered = 0;

    for (int i = 0; i < SERVER_LANES; i++)
        unanswered += server->lanes[i].unanswered;
    return unanswered == 0 && server->queue.count == 0 && !server_awaits_calls(server);
}

void role_follow(struct server *server, const char *reason)
{
    struct role *role = server->role;
    bool served = role_is_own(server) && server_is_up(server);

    if (role->state == ROLE_REMOTE || role->state == ROLE_LEAVING)
        return;
    end_seam(role);
    if (role->state == ROLE_STANDBY && !has_finished(server)) {
        role_enter(server, ROLE_LEAVING);
        role->left_ms = clock_ms();
        return;
    }
    role_rest(server, reason);
    offer_clear(&role->offer);
    if (served)
        server_tell_down(server, reason);
}

void role_tick(struct server *server, uint64_t now)
{
    struct role *role = server->role;
    uint64_t left = now - role->left_ms;

    remote_tick(server);
    if (role->state == ROLE_LEAVING && left >= (has_finished(server) ? LEAVE_LEAST_MS : LEAVE_MS))
        role_rest(server, "another node owns it");
}
