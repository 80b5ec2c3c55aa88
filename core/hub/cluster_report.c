// core/hub/cluster_report.c: the cluster as this node sees it, for people: nodes, owners, and what was missed on the
// bus.
#include "hub/cluster_inside.h"

#include "base/clock.h"
#include "letters/letters.h"
#include "server/role.h"
#include "server/server.h"

#include <inttypes.h>
#include <stdio.h>

/** Begins an event of the answer. */
static struct message_builder begin_event(const char *name)
{
    struct message_builder event;

    message_builder_init(&event);
    message_addf(&event, "Event", "%s", name);
    return event;
}

/** Adds a node's name, which may come from the bus, as people write it. */
static void add_node(struct message_builder *event, const char *header, struct span key)
{
    char name[SUBJECT_NAME_BYTES + 1];
    size_t length = subject_decode(key, false, name);

    message_add_clean(event, span_of(header), length == 0 ? key : (struct span){name, length});
}

/** Returns the wall clock's seconds at a time of clock_ms(). */
static uint64_t wall_seconds(uint64_t at_ms)
{
    return (cluster_wall_ms() - (clock_ms() - at_ms)) / 1000;
}

// --- nodes ----------------------------------------------------------------------------------------------------------

/** Counts the servers that a node owns, or serves alone. */
static size_t count_served(const struct heartbeat *beat)
{
    size_t count = 0;

    for (size_t i = 0; i < beat->server_count; i++)
        count += beat->servers[i].claim != 0 || beat->servers[i].state == HOLD_LOCAL;
    return count;
}

static const char *state_word(bool alive, bool draining)
{
    if (!alive)
        return "gone";
    return draining ? "draining" : "alive";
}

static void describe_self(const struct hub_cluster *cluster, struct command *command)
{
    const struct ownership *ownership = cluster->ownership;
    struct message_builder event = begin_event("ClusterNode");

    add_node(&event, "Node", span_of(cluster->node));
    message_addf(&event, "State", "%s", state_word(true, ownership->draining));
    message_addf(&event, "Here", "yes");
    message_addf(&event, "Version", "%s", AMP_VERSION);
    message_addf(&event, "Boot", "%016" PRIx64, cluster->boot);
    message_addf(&event, "LastHeartbeat", "%" PRIu64, ownership->beat == 0 ? 0 : clock_ms() - ownership->beat_ms);
    message_addf(&event, "Since", "%" PRIu64, ownership->settings.me.started / 1000);
    message_addf(&event, "Sessions", "%" PRIu64, ownership->sessions);
    message_addf(&event, "Owned", "%" PRIu64, metric_get(&cluster->counts->owned));
    command_add(command, message_build(&event));
}

static void describe_member(const struct node_member *member, struct command *command)
{
    const struct heartbeat *beat = member->beat;
    struct span program = beat->program;
    struct message_builder event = begin_event("ClusterNode");

    if (program.length == 0)
        program = span_of("-");
    add_node(&event, "Node", beat->member.node);
    message_addf(&event, "State", "%s", state_word(member->alive, beat->draining));
    message_addf(&event, "Here", "no");
    message_addf(&event, "Version", "%.*s", (int)program.length, program.bytes);
    message_addf(&event, "Boot", "%016" PRIx64, beat->member.boot);
    message_addf(&event, "LastHeartbeat", "%" PRIu64, clock_ms() - member->heard_ms);
    message_addf(&event, "Since", "%" PRIu64, wall_seconds(member->alive ? member->since_ms : member->heard_ms));
    message_addf(&event, "Sessions", "%" PRIu64, member->alive ? beat->sessions : 0);
    message_addf(&event, "Owned", "%zu", member->alive ? count_served(beat) : 0);
    command_add(command, message_build(&event));
}

// --- servers --------------------------------------------------------------------------------------------------------

/** Does a node in this state hold a connection for the owner's end? */
static bool stands_by(enum hold_state state)
{
    return state == HOLD_WARM || state == HOLD_READY;
}

static void add_standby(const struct shared_server *shared, struct message_builder *event)
{
    const struct nodes *nodes = &shared->cluster->ownership->nodes;
    bool any = stands_by(shared->owned->state) && shared->owned->lane_up;

    if (any)
        add_node(event, "Standby", span_of(shared->cluster->node));
    for (size_t i = 0; i < nodes->count; i++) {
        const struct heartbeat *beat = nodes->members[i]->beat;
        const struct heartbeat_server *line = heartbeat_find(beat, span_of(shared->key));
        if (!nodes->members[i]->alive || line == NULL || !stands_by(line->state))
            continue;
        add_node(event, "Standby", beat->member.node);
        any = true;
    }
    if (!any)
        message_addf(event, "Standby", "-");
}

/** Adds who owns the server, and how far this node is behind. */
static void add_owner(const struct shared_server *shared, struct message_builder *event)
{
    const struct owned *owned = shared->owned;
    const struct heartbeat *beat = NULL;
    const struct heartbeat_server *line = NULL;
    uint64_t epoch = owned->claim, sequence = shared->server->role->offer.last, here = sequence;
    struct span owner = span_of("-");

    if (epoch != 0 || owned->source == SOURCE_LANE)
        owner = span_of(shared->cluster->node);
    else if (owned->source == SOURCE_BUS)
        beat = cluster_beat_of(shared->cluster, owned->follow_boot);
    if (beat != NULL) {
        owner = beat->member.node;
        epoch = owned->follow_epoch;
        line = heartbeat_find(beat, span_of(shared->key));
    }
    if (line != NULL && line->claim == epoch && shared->stream.known && shared->stream.epoch == epoch) {
        here = shared->stream.next - 1;
        sequence = line->sequence > here ? line->sequence : here;
    }
    add_node(event, "Owner", owner);
    message_addf(event, "Epoch", "%" PRIu64, epoch);
    message_addf(event, "Sequence", "%" PRIu64, sequence);
    message_addf(event, "Lag", "%" PRIu64, sequence - here);
}

static void describe_server(const struct shared_server *shared, struct command *command)
{
    static const char *const sources[] = {
        [SOURCE_NONE] = "none", [SOURCE_SOON] = "soon", [SOURCE_LANE] = "lane", [SOURCE_BUS] = "bus"};
    struct message_builder event = begin_event("ClusterServer");

    message_addf(&event, "Server", "%s", shared->server->config->name);
    message_addf(&event, "State", "%s", server_serves(shared->server) ? "up" : "down");
    message_addf(&event, "Source", "%s", sources[shared->owned->source]);
    message_addf(&event, "Followed", "%s", shared->hears ? "yes" : "no");
    add_owner(shared, &event);
    add_standby(shared, &event);
    message_addf(&event, "Gaps", "%" PRIu64, shared->counts.gaps);
    message_addf(&event, "Repaired", "%" PRIu64, shared->counts.repaired);
    message_addf(&event, "Lost", "%" PRIu64, shared->counts.lost);
    command_add(command, message_build(&event));
}

bool hub_cluster_describe(const struct hub_cluster *cluster, struct command *command, struct error *err)
{
    if (cluster == NULL) {
        error_set(err, "There is no cluster: the configuration has no section `cluster`");
        return false;
    }
    describe_self(cluster, command);
    for (size_t i = 0; i < cluster->ownership->nodes.count; i++)
        describe_member(cluster->ownership->nodes.members[i], command);
    for (struct list_node *node = cluster->all.first; node != NULL; node = node->next)
        describe_server(LIST_OBJECT(node, struct shared_server, entry), command);
    return true;
}
