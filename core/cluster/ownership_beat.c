// core/cluster/ownership_beat.c: this node's heartbeats; see ownership.h.
#include "cluster/ownership_inside.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static const struct member_id *id_of(const struct ownership *ownership, uint64_t boot)
{
    for (size_t i = 0; i < ownership->nodes.count; i++) {
        const struct member_id *id = &ownership->nodes.members[i]->beat->member;
        if (id->boot == boot)
            return id;
    }
    return NULL;
}

static void beat_server(const struct ownership *ownership, const struct owned *owned, struct heartbeat_server *line)
{
    const struct member_id *give = owned->to_boot == 0 || owned->yields ? NULL : id_of(ownership, owned->to_boot);

    *line = (struct heartbeat_server){
        .key = span_of(owned->key), .unreached = owned->unreached, .state = owned->state, .claim = owned->claim};
    if (!owned->lane_up && (owned->state == HOLD_WARM || owned->state == HOLD_LOCAL))
        line->state = HOLD_NOTHING;
    line->ended_epoch = owned->ended_epoch;
    line->ended_sequence = owned->ended_sequence;
    if (owned->claim == 0)
        return;
    line->sequence = owned->sequence;
    line->after_epoch = owned->after_epoch;
    line->after_sequence = owned->after_sequence;
    if (give != NULL)
        line->give = *give;
}

/** Fills the lists of a heartbeat, which the caller frees. */
static void beat_fill(const struct ownership *ownership, struct heartbeat *beat)
{
    beat->heard = memory_zero(NODES_MOST, sizeof *beat->heard);
    beat->servers = memory_zero(ownership->count, sizeof *beat->servers);
    for (size_t i = 0; i < ownership->nodes.count; i++) {
        const struct node_member *member = ownership->nodes.members[i];
        if (member->alive)
            beat->heard[beat->heard_count++] =
                (struct heartbeat_heard){.member = member->beat->member, .beat = member->beat->beat};
    }
    for (size_t i = 0; i < ownership->count && beat->server_count < HEARTBEAT_SERVERS; i++) {
        if (ownership->list[i]->configured)
            beat_server(ownership, ownership->list[i], &beat->servers[beat->server_count++]);
    }
}

static char *beat_write(struct ownership *ownership, uint64_t now_ms, uint64_t sent_ms, size_t *length)
{
    const struct ownership_settings *settings = &ownership->settings;
    struct heartbeat beat = {.member = settings->me,
                             .beat = ++ownership->beat,
                             .sent = sent_ms,
                             .sessions = ownership->sessions,
                             .program = {settings->program, settings->program == NULL ? 0 : strlen(settings->program)},
                             .draining = ownership->draining,
                             .leaving = ownership->leaving,
                             .waking = ownership->waking};

    beat_fill(ownership, &beat);
    char *text = heartbeat_encode(&beat, length);
    free(beat.heard);
    free(beat.servers);
    ownership->waking = false;
    ownership->beat_ms = now_ms;
    ownership->beat_due_ms = now_ms + OWNERSHIP_BEAT_MS;
    return text;
}

char *ownership_beat(struct ownership *ownership, uint64_t now_ms, uint64_t sent_ms, size_t *length)
{
    ownership_may_publish(ownership, now_ms); // after a sleep: this heartbeat asks for answers
    return now_ms < ownership->beat_due_ms ? NULL : beat_write(ownership, now_ms, sent_ms, length);
}

char *ownership_leave(struct ownership *ownership, uint64_t now_ms, uint64_t sent_ms, size_t *length)
{
    ownership->leaving = true;
    return beat_write(ownership, now_ms, sent_ms, length);
}
