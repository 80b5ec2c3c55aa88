// core/hub/cluster_beat.c: heartbeats go out and come in; after each, and when it is time, it is decided anew who owns
// what.
#include "hub/cluster_inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdlib.h>

#define LATE_MS 1000  // twice the time between two heartbeats
#define BEATS_ASK 10U // after so many heartbeats of this node, it asks for names that it does not know
// Longer than the new and the old process of a takeover are there together and neither of them drains.
#define NAMESAKE_MS 60000

uint64_t cluster_wall_ms(void)
{
    int64_t seconds;
    int32_t microseconds;

    clock_wall(&seconds, &microseconds);
    return (uint64_t)seconds * 1000 + (uint64_t)microseconds / 1000;
}

/** Finds the living process of that boot. @return lent; NULL: there is none */
static struct node_member *find_living(const struct hub_cluster *cluster, uint64_t boot)
{
    const struct nodes *nodes = &cluster->ownership->nodes;

    for (size_t i = 0; i < nodes->count; i++) {
        if (nodes->members[i]->alive && nodes->members[i]->beat->member.boot == boot)
            return nodes->members[i];
    }
    return NULL;
}

const struct heartbeat *cluster_beat_of(const struct hub_cluster *cluster, uint64_t boot)
{
    const struct node_member *member = find_living(cluster, boot);

    return member == NULL ? NULL : member->beat;
}

uint64_t cluster_boot_of(const struct hub_cluster *cluster, uint32_t process)
{
    const struct nodes *nodes = &cluster->ownership->nodes;

    for (size_t i = 0; i < nodes->count; i++) {
        uint64_t boot = nodes->members[i]->beat->member.boot;
        if (nodes->members[i]->alive && (uint32_t)boot == process)
            return boot;
    }
    return 0;
}

/** Returns when the process of a heartbeat was heard before. 0: it is not alive. */
static uint64_t heard_before(const struct hub_cluster *cluster, const struct heartbeat *beat)
{
    const struct node_member *member = nodes_find(&cluster->ownership->nodes, &beat->member);

    return member != NULL && member->alive ? member->heard_ms : 0;
}

/** Sets the levels for reports. */
static void set_levels(const struct hub_cluster *cluster)
{
    uint64_t owned = 0;

    for (struct list_node *node = cluster->all.first; node != NULL; node = node->next)
        owned += LIST_OBJECT(node, struct shared_server, entry)->owned->source == SOURCE_LANE;
    metric_set(&cluster->counts->owned, owned);
    metric_set(&cluster->counts->nodes, nodes_alive(&cluster->ownership->nodes));
}

static void send_beat(struct hub_cluster *cluster, char *text, size_t length)
{
    struct message_builder head;
    struct bus_body *body;
    char subject[SUBJECT_BYTES];

    if (text == NULL || !cluster->is_up) {
        free(text); // it is made all the same: who makes none has slept
        return;
    }
    subject_write(SUBJECT_NODE, cluster->name, span_of(cluster->node), subject);
    cluster_begin_head(cluster, &head);
    body = bus_body_create();
    bus_body_add_bytes(body, (struct span){text, length});
    bus_publish(cluster->bus, BUS_IMPORTANT, subject, NULL, message_build(&head), body);
    free(text);
}

/** Returns the number of clients, for people who read what other nodes tell. */
static uint64_t count_sessions(const struct hub *hub)
{
    uint64_t count = 0;

    for (uint32_t i = 0; i < hub->worker_count; i++)
        count += worker_sessions(hub->outboxes[i].worker);
    return count;
}

void duty_step(struct hub_cluster *cluster)
{
    uint64_t now = clock_ms(); // never before the time of what was told
    size_t length = 0;
    char *text;

    ownership_step(cluster->ownership, now);
    if (cluster->is_new)
        duty_carry_out(cluster);
    if (now < cluster->ownership->beat_due_ms)
        return;
    cluster->ownership->sessions = count_sessions(cluster->hub);
    cluster_flush(cluster); // the heartbeat says up to which number events were offered
    set_levels(cluster);
    text = ownership_beat(cluster->ownership, now, cluster_wall_ms(), &length);
    send_beat(cluster, text, length);
    if (cluster->ownership->beat % BEATS_ASK == 0)
        duty_ask_for_names(cluster);
}

/** Says that somebody else sends heartbeats in a node's name, and counts it. */
static void note_forged(const struct hub_cluster *cluster, uint64_t boot, uint64_t number)
{
    metric_add(&cluster->counts->doubts, 1);
    log_warn(NULL, "heartbeat of a second sender boot=%016" PRIx64 " number=%" PRIu64, boot, number);
}

/** Says once of a process that it has this node's name, and that no takeover is the reason. */
static void note_namesake(const struct hub_cluster *cluster, struct node_member *member, uint64_t now)
{
    const struct ownership *ownership = cluster->ownership;
    const struct member_id *id = &member->beat->member;

    if (member->told_namesake || !span_equals(id->node, ownership->settings.me.node) || member->beat->draining ||
        ownership->draining || now - member->since_ms < NAMESAKE_MS)
        return;
    member->told_namesake = true;
    log_warn(NULL, "another process has the name of this node node=%s boot=%016" PRIx64, cluster->node_name, id->boot);
}

/** Tells the streams of a process how far it is. */
static void hear_streams(struct hub_cluster *cluster, const struct heartbeat *beat, uint64_t now)
{
    for (struct list_node *node = cluster->all.first; node != NULL; node = node->next) {
        struct shared_server *shared = LIST_OBJECT(node, struct shared_server, entry);
        const struct heartbeat_server *line;
        if (shared->stream.boot != beat->member.boot)
            continue;
        line = heartbeat_find(beat, span_of(shared->key));
        if (line != NULL && line->claim == shared->stream.epoch)
            stream_hear(shared, line->sequence, now);
        else if (line != NULL && line->ended_epoch == shared->stream.epoch)
            stream_expect(shared, line->ended_sequence, now);
    }
}

void duty_take(struct hub_cluster *cluster, const struct bus_letter *letter)
{
    const char *fault;
    struct heartbeat *beat = heartbeat_decode(letter->body, &fault);
    struct node_member *member = NULL;
    uint64_t boot, number, before_ms, now = clock_ms();

    if (beat == NULL) {
        if (!cluster->told_fault)
            log_warn(NULL, "heartbeat of another node not understood reason=\"%s\"", fault);
        cluster->told_fault = true;
        return;
    }
    boot = beat->member.boot;
    number = beat->beat;
    before_ms = heard_before(cluster, beat);
    switch (ownership_hear(cluster->ownership, beat, now)) {
    case NODES_KNOWN: // late: its node, the bus or this process was held up
        metric_add(&cluster->counts->late_beats, before_ms != 0 && now - before_ms > LATE_MS);
        member = find_living(cluster, boot);
        break;
    case NODES_ARRIVED:
        member = find_living(cluster, boot);
        break;
    case NODES_OWN: // an old one may come back by another NATS server, but none that was not sent yet
        if (number > cluster->ownership->beat)
            note_forged(cluster, boot, number);
        break;
    case NODES_DOUBTED:
        note_forged(cluster, boot, number);
        break;
    case NODES_STALE:
    case NODES_FULL:
        break;
    }
    if (member == NULL)
        return; // it was not taken, or was the last one of a process
    note_namesake(cluster, member, now);
    hear_streams(cluster, member->beat, now);
}

void duty_leave(struct hub_cluster *cluster)
{
    size_t length = 0;
    char *text;

    text = ownership_leave(cluster->ownership, clock_ms(), cluster_wall_ms(), &length);
    send_beat(cluster, text, length);
}
