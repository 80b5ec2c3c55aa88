// core/hub/cluster_duty.c: who owns what: heartbeats go out and come in, core/cluster/ownership decides, and what it
// has decided is carried out here.
#include "hub/cluster_inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "server/role.h"
#include "server/server.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>

// --- what is decided is carried out ---------------------------------------------------------------------------------

/** An owner takes requests for missing events, also for a while after another one owns the server. */
static void serve_gaps(struct shared_server *shared, bool takes)
{
    struct hub_cluster *cluster = shared->cluster;
    char subject[SUBJECT_BYTES];

    if (shared->takes_gaps == takes)
        return;
    shared->takes_gaps = takes;
    subject_write(SUBJECT_GAP, cluster->name, span_of(shared->key), subject);
    if (takes)
        bus_subscribe(cluster->bus, subject);
    else
        bus_unsubscribe(cluster->bus, subject);
}

/** Does this node own the server, or will it in a moment? */
static bool owns_soon(const struct shared_server *shared)
{
    return shared->owned->claim != 0 || shared->owned->state == HOLD_READY;
}

/** Keeps the events of the claim that has ended: other nodes may miss some of the last ones. */
static void keep_ring(struct shared_server *shared)
{
    struct offer *ring = &shared->server->role->offer;

    if (shared->last_claim == 0)
        return;
    offer_clear(&shared->ended);
    shared->ended = *ring;
    *ring = (struct offer){0};
    shared->ended_claim = shared->last_claim;
    shared->ended_until_ms = clock_ms() + OFFER_MS;
    shared->last_claim = 0;
}

/** Forgets them when their time is over. */
static void drop_ring(struct shared_server *shared, uint64_t now)
{
    if (shared->ended_claim != 0 && now >= shared->ended_until_ms) {
        offer_clear(&shared->ended);
        shared->ended_claim = 0;
    }
    if (!owns_soon(shared) && shared->ended_claim == 0 && shared->last_claim == 0)
        serve_gaps(shared, false);
}

/** The events come from a stream of the bus. */
static void follow_stream(struct shared_server *shared)
{
    const struct owned *owned = shared->owned;
    struct stream *stream = &shared->stream;
    const struct role *role = shared->server->role;
    bool goes_on = owned->follow_after_epoch != 0;
    char reason[200];

    if (stream->boot == owned->follow_boot && stream->epoch == owned->follow_epoch) {
        if (stream->shadow_ms != 0) {
            keep_ring(shared); // it has the own lane's events
            offer_clear(&shared->server->role->offer);
            stream->shadow_ms = stream->asked_ms = 0;
            state_ask(shared, clock_ms()); // what came meanwhile was not for clients
        }
    } else if (goes_on && owned->follow_after_epoch == shared->last_claim) {
        role_leave_out(shared->server, owned->follow_after_sequence);
        keep_ring(shared);
        stream_start(shared, owned->follow_boot, owned->follow_epoch);
    } else if (goes_on && stream->known && owned->follow_after_epoch == stream->epoch) {
        stream_continue(shared, owned->follow_boot, owned->follow_epoch, owned->follow_after_sequence);
    } else {
        snprintf(reason, sizeof reason, "node %s does not own it any more", role->node);
        role_leave_out_latest(shared->server);
        keep_ring(shared);
        if (stream->known)
            remote_lose(shared->server, reason);
        stream_follow(shared, owned->follow_boot, owned->follow_epoch);
    }
}

/** Nobody owns the server. */
static void lose_owner(struct shared_server *shared)
{
    const struct role *role = shared->server->role;
    char reason[200];

    snprintf(reason, sizeof reason, "its owner, node %s, is gone", role->node);
    stream_end(shared);
    remote_lose(shared->server, reason);
}

/** Another node claims the server, too, and its claim is the better one: its stream is held beside the own one. */
static void hold_stream(struct shared_server *shared, uint64_t now)
{
    const struct owned *owned = shared->owned;
    struct stream *stream = &shared->stream;
    const struct heartbeat *beat = owned->to_boot == 0 ? NULL : cluster_beat_of(shared->cluster, owned->to_boot);
    const struct heartbeat_server *line = beat == NULL ? NULL : heartbeat_find(beat, span_of(shared->key));

    if (line == NULL || !hold_is_claim(line->state)) {
        stream_end(shared);
        role_stay(shared->server);
    } else if (stream->boot != owned->to_boot || stream->epoch != line->claim) {
        role_yield(shared->server);
        stream_follow(shared, owned->to_boot, line->claim);
        stream->shadow_ms = now;
    }
}

static void begin_owning(struct shared_server *shared)
{
    struct owned *owned = shared->owned;

    if (shared->claim != owned->claim || !role_is_own(shared->server)) {
        out_flush(shared);
        keep_ring(shared);
        offer_clear(&shared->server->role->offer); // each claim numbers its events from 1 on
        shared->claim = owned->claim;
    }
    role_own(shared->server);
    hold_stream(shared, clock_ms());
    cluster_want_state(shared);
}

/** This node owned the server until now. */
static void end_owning(struct shared_server *shared)
{
    const struct owned *owned = shared->owned;
    struct server *server = shared->server;

    out_flush(shared);
    shared->last_claim = shared->claim;
    shared->claim = 0;
    if (!server_is_up(server) || owned->source == SOURCE_NONE) {
        role_follow(server, "another node owns it");
        return;
    }
    role_leave(server, owned->wants_lane);
}

/** Begins or ends the wait for all that the Asterisk has sent so far. */
static void begin_fence(struct shared_server *shared, uint64_t now)
{
    bool wanted = shared->owned->fence && role_is_own(shared->server);

    if (wanted == (shared->fence_until_ms != 0))
        return;
    shared->fence_until_ms = wanted ? now + OWNERSHIP_FENCE_MS : 0;
    if (wanted && !role_fence(shared->server))
        shared->fence_until_ms = now; // nothing is to be read: the next tick goes on
}

/** What follows for a server is carried out at the next step, in this turn of the loop. */
static void want_step(struct shared_server *shared)
{
    struct hub_cluster *cluster = shared->cluster;

    shared->is_new = cluster->is_new = true;
    event_active(cluster->tick, EV_TIMEOUT, 0);
}

/** Tells the ownership whether the own lane hears all that happens, and keeps it. */
static void tell_lane(struct shared_server *shared, uint64_t now)
{
    struct owned *owned = shared->owned;
    bool up = server_is_up(shared->server) && shared->server->role->state != ROLE_LEAVING;

    if (owned->lane_up == up)
        return;
    ownership_lane(shared->cluster->ownership, owned, up, now);
    want_step(shared); // its state may be another one now, of which no step tells
}

static void carry_out(struct shared_server *shared)
{
    const struct owned *owned = shared->owned;
    struct server *server = shared->server;

    need_judge(shared, clock_ms()); // first: a lane to be opened hears nothing that the stream had before
    if (owns_soon(shared))
        serve_gaps(shared, true); // duty_tick() ends it
    if (hold_is_served(owned->state))
        begin_owning(shared);
    else if (role_is_own(server))
        end_owning(shared);
    else if (owned->wants_lane)
        role_stand_by(server);
    else
        role_follow(server, "another node owns it");
    if (!role_is_own(server) && owned->source == SOURCE_BUS)
        follow_stream(shared);
    else if (!role_is_own(server) && owned->source == SOURCE_NONE)
        lose_owner(shared);
    begin_fence(shared, clock_ms());
    tell_lane(shared, clock_ms());
}

void duty_carry_out(struct hub_cluster *cluster)
{
    cluster->is_new = false;
    for (struct list_node *node = cluster->all.first; node != NULL; node = node->next) {
        struct shared_server *shared = LIST_OBJECT(node, struct shared_server, entry);
        if (!shared->is_new)
            continue;
        shared->is_new = false;
        carry_out(shared);
    }
}

void duty_fenced(void *record)
{
    struct shared_server *shared = record;
    struct hub_cluster *cluster = shared->cluster;
    struct message_builder head;
    uint64_t now = clock_ms();

    if (shared->fence_until_ms == 0)
        return;
    shared->fence_until_ms = 0;
    out_flush(shared);
    if (shared->claim != 0) {
        cluster_begin_head(cluster, &head);
        message_addf(&head, "Epoch", "%" PRIu64, shared->claim);
        message_addf(&head, "First", "%" PRIu64, shared->server->role->offer.last + 1);
        message_addf(&head, "Release", "1");
        cluster_publish(shared, SUBJECT_EV, NULL, BUS_IMPORTANT, &head, NULL);
    }
    ownership_released(cluster->ownership, shared->owned, now);
    duty_step(cluster);
}

void duty_take_release(struct shared_server *shared, uint64_t boot, uint64_t sequence)
{
    if (ownership_taken(shared->cluster->ownership, shared->owned, boot, sequence))
        duty_step(shared->cluster);
}

/** Asks for the state of a server that this node does not know, to learn its name. */
static void ask_for_name(struct hub_cluster *cluster, const struct owned *owned)
{
    struct message_builder head;
    char subject[SUBJECT_BYTES], reply[SUBJECT_BYTES];

    if (subject_write(SUBJECT_STATE, cluster->name, span_of(owned->key), subject) == 0)
        return;
    subject_write(SUBJECT_STATE, cluster->name, span_of(owned->key), reply);
    cluster_begin_head(cluster, &head);
    message_addf(&head, "Tell", "1");
    bus_publish(cluster->bus, BUS_IMPORTANT, subject, reply, message_build(&head), NULL);
}

void duty_ask_for_names(struct hub_cluster *cluster)
{
    const struct ownership *ownership = cluster->ownership;

    for (size_t i = 0; cluster->is_up && i < ownership->count; i++) {
        if (ownership->list[i]->context == NULL && ownership->list[i]->source == SOURCE_BUS)
            ask_for_name(cluster, ownership->list[i]);
    }
}

static void on_changed(void *context, struct owned *owned)
{
    struct hub_cluster *cluster = context;

    static const char *const sources[] = {
        [SOURCE_NONE] = "none", [SOURCE_SOON] = "soon", [SOURCE_LANE] = "lane", [SOURCE_BUS] = "bus"};

    log_info(NULL, "cluster server=%s hold=%s claim=%" PRIu64 " source=%s", owned->key, hold_state_word(owned->state),
             owned->claim, sources[owned->source]);
    if (owned->context != NULL)
        carry_out(owned->context);
    else if (owned->source == SOURCE_BUS)
        ask_for_name(cluster, owned);
}

void duty_tick(struct shared_server *shared, uint64_t now)
{
    const struct owned *owned = shared->owned;
    struct server *server = shared->server;

    still_tick(shared, now);
    if (owned->wants_lane && server->role->state == ROLE_REMOTE && !hold_is_served(owned->state))
        role_stand_by(server); // its lanes are closed by now
    if (shared->fence_until_ms != 0 && now >= shared->fence_until_ms)
        duty_fenced(shared);
    drop_ring(shared, now);
}

// --- what the servers tell ------------------------------------------------------------------------------------------

void duty_changed(void *record)
{
    struct shared_server *shared = record;
    struct server *server = shared->server;
    uint64_t now = clock_ms();

    tell_lane(shared, now);
    if (!server_is_up(server) && server->attempts > 0 && shared->owned->wants_lane)
        ownership_failed(shared->cluster->ownership, shared->owned, now);
    cluster_want_state(shared);
}

// --- the table ------------------------------------------------------------------------------------------------------

void duty_create(struct hub_cluster *cluster)
{
    const struct cluster_config *config = &cluster->hub->config->cluster;
    struct ownership_settings settings = {
        .me = {.node = span_of(cluster->node), .boot = cluster->boot, .started = cluster_wall_ms()},
        .dead_after_ms = config->dead_after_ms,
        .balance_after_ms = config->balance_after_ms,
        .standby = config->standby,
        .keeps = config->alone == CLUSTER_ALONE_KEEP,
        .program = AMP_VERSION,
        .changed = on_changed,
        .context = cluster};

    cluster->ownership = ownership_create(&settings, clock_ms());
}

void duty_add(struct shared_server *shared)
{
    struct ownership *ownership = shared->cluster->ownership;
    struct span key = span_of(shared->key);

    if (shared->server->elsewhere)
        shared->owned = ownership_find(ownership, key); // others have named it (state_add())
    else
        shared->owned = ownership_add(ownership, key);
    shared->owned->context = shared;
    shared->is_new = shared->cluster->is_new = true;
}

void duty_remove(struct shared_server *shared)
{
    struct owned *owned = shared->owned;

    if (owned->context != shared)
        return; // another record has its place
    owned->context = NULL;
    serve_gaps(shared, false);
    if (owned->source == SOURCE_BUS && owned->configured)
        ask_for_name(shared->cluster, owned); // it is one of other nodes from now on
    if (owned->configured)
        ownership_remove(shared->cluster->ownership, owned);
}
