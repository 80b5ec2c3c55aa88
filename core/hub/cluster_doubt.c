// core/hub/cluster_doubt.c: what comes under a subject of events may be forged, or damaged, by whoever may publish
// there: a number that is too high would silence the stream, because all that follows would count as a repeat. The
// owner's heartbeats say how far its stream is, and come after the events that they count. So a number that they
// contradict is not believed.
#include "hub/cluster_inside.h"

#include "base/log.h"
#include "server/server.h"

#include <inttypes.h>

#define DENIALS_MOST 3 // heartbeats; a single one may be an old one that came by another NATS server

void stream_hear(struct shared_server *shared, uint64_t sequence, uint64_t now)
{
    struct stream *stream = &shared->stream;
    uint64_t boot = stream->boot, epoch = stream->epoch, agreed = stream->agreed, shadow_ms = stream->shadow_ms;

    stream->told = sequence;
    stream->told_ms = now;
    if (!stream->known || sequence + 1 >= stream->next) {
        stream->denials = 0;
        if (stream->known)
            stream->agreed = stream->next - 1;
        stream_expect(shared, sequence, now);
        return;
    }
    if (++stream->denials < DENIALS_MOST || stream->then_boot != 0)
        return;
    metric_add(&shared->cluster->counts->doubts, 1);
    log_warn(&shared->server->log,
             "events had numbers that their owner has not reached number=%" PRIu64 " owner=%" PRIu64, stream->next - 1,
             sequence);
    stream_follow(shared, boot, epoch); // its state says where to go on
    stream->agreed = agreed;
    stream->shadow_ms = shadow_ms;
}

uint64_t doubt_gap_end(const struct shared_server *shared)
{
    const struct stream *stream = &shared->stream;

    if (stream->told_ms <= stream->gap_since_ms || stream->told >= stream->gap_last)
        return stream->gap_last + 1;
    metric_add(&shared->cluster->counts->doubts, 1);
    return stream->told + 1;
}
