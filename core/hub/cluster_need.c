// core/hub/cluster_need.c: which servers of other nodes this node follows: the one place that decides it. A server that
// nobody here needs costs its state, when that changes, and the heartbeats; its events are not sent to this node.
//
// The workers say whether events matter for anybody there: for sessions that have logged in, kept feeds, rules of calls
// and filters that follow what happens. A view may show every server, so whoever is there needs them all. A node also
// needs a server to which it is connected, or which it is about to own or has just given away.
//
// The number that the owner told last lies before the moment at which somebody is seen to need the server: the letter
// that says so is in the mailbox of the hub before the client's login is answered, and behind all that came from the
// bus until then. So the stream goes on at that number, and what is missing since comes from the owner's ring.
#include "hub/cluster_inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "server/role.h"
#include "server/server.h"

#define GRACE_MS 5000 // a server is followed for so long after somebody needed it: clients come back, scripts poll

/** Does anybody in this process need all servers? */
static bool has_audience(const struct hub *hub)
{
    bool present = hub->pbx != NULL; // figures are kept

    present = present || hub->handover.state != HANDOVER_NONE || hub->handover.earlier.count > 0; // feeds come, or go
    for (uint32_t i = 0; i < hub->worker_count && !present; i++)
        present = hub->outboxes[i].has_audience;
    return present;
}

/** Does this node need the server for what it is to it? */
static bool has_duty(const struct shared_server *shared)
{
    return shared->owned->wants_lane || shared->claim != 0 || shared->server->role->state != ROLE_REMOTE;
}

static void need_hear(struct shared_server *shared, bool hears)
{
    struct hub_cluster *cluster = shared->cluster;
    char subject[SUBJECT_BYTES];

    if (shared->hears == hears)
        return;
    shared->hears = hears;
    if (subject_write(SUBJECT_EV, cluster->name, span_of(shared->key), subject) == 0)
        return;
    if (hears)
        bus_subscribe(cluster->bus, subject);
    else
        bus_unsubscribe(cluster->bus, subject);
}

void need_begin(struct shared_server *shared, uint64_t now)
{
    shared->needed_ms = now;
    need_hear(shared, true);
}

void need_end(struct shared_server *shared)
{
    need_hear(shared, false);
}

void need_judge(struct shared_server *shared, uint64_t now)
{
    const struct stream *stream = &shared->stream;
    struct hub *hub = shared->cluster->hub;

    if (has_duty(shared) || has_audience(hub)) {
        shared->needed_ms = now;
        if (shared->hears)
            return;
        need_hear(shared, true);
        log_debug(&shared->server->log, "events needed=yes");
        coalescer_forget(hub->coalescer); // events that end what is kept may have been missed
        stream_catch_up(shared, now);
    } else if (shared->hears && now >= shared->needed_ms + GRACE_MS && (stream->boot == 0 || stream_is_calm(stream))) {
        need_hear(shared, false);
        log_debug(&shared->server->log, "events needed=no");
    }
}

void hub_cluster_judge_need(struct hub_cluster *cluster)
{
    uint64_t now = clock_ms();

    if (cluster == NULL)
        return;
    for (struct list_node *node = cluster->all.first; node != NULL; node = node->next)
        need_judge(LIST_OBJECT(node, struct shared_server, entry), now);
}
