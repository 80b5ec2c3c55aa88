// core/hub/cluster_beat.c: heartbeats go out and come in; after each, and when it is time, it is decided anew who owns
// what.
#include "hub/cluster_inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

#include <stdlib.h>

#define LATE_MS 1000 // twice the time between two heartbeats

uint64_t cluster_wall_ms(void)
{
    int64_t seconds;
    int32_t microseconds;

    clock_wall(&seconds, &microseconds);
    return (uint64_t)seconds * 1000 + (uint64_t)microseconds / 1000;
}

const struct heartbeat *cluster_beat_of(const struct hub_cluster *cluster, uint64_t boot)
{
    const struct nodes *nodes = &cluster->ownership->nodes;

    for (size_t i = 0; i < nodes->count; i++) {
        if (nodes->members[i]->alive && nodes->members[i]->beat->member.boot == boot)
            return nodes->members[i]->beat;
    }
    return NULL;
}

/** Notes a heartbeat that comes late: its node, the bus or this process was held up. */
static void note_late(const struct hub_cluster *cluster, const struct heartbeat *beat, uint64_t now)
{
    const struct node_member *member = nodes_find(&cluster->ownership->nodes, &beat->member);

    if (member != NULL && member->alive && now - member->heard_ms > LATE_MS)
        metric_add(&cluster->counts->late_beats, 1);
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
}

void duty_take(struct hub_cluster *cluster, const struct bus_letter *letter)
{
    const char *fault;
    struct heartbeat *beat = heartbeat_decode(letter->body, &fault);
    uint64_t boot, now = clock_ms();

    if (beat == NULL) {
        if (!cluster->told_fault)
            log_warn(NULL, "heartbeat of another node not understood reason=\"%s\"", fault);
        cluster->told_fault = true;
        return;
    }
    boot = beat->member.boot;
    note_late(cluster, beat, now);
    if (ownership_hear(cluster->ownership, beat, now) == NODES_STALE)
        return;
    for (struct list_node *node = cluster->all.first; node != NULL; node = node->next) {
        struct shared_server *shared = LIST_OBJECT(node, struct shared_server, entry);
        const struct heartbeat_server *line;
        if (shared->stream.boot != boot || (beat = memory_writable(cluster_beat_of(cluster, boot))) == NULL)
            continue;
        line = heartbeat_find(beat, span_of(shared->key));
        if (line != NULL && line->claim == shared->stream.epoch)
            stream_hear(shared, line->sequence, now);
        else if (line != NULL && line->ended_epoch == shared->stream.epoch)
            stream_expect(shared, line->ended_sequence, now);
    }
}

void duty_leave(struct hub_cluster *cluster)
{
    size_t length = 0;
    char *text;

    text = ownership_leave(cluster->ownership, clock_ms(), cluster_wall_ms(), &length);
    send_beat(cluster, text, length);
}
