// core/session/connection/count.c: what a session adds to the counters of its worker.
#include "session/connection/set.h"

#include <string.h>

void session_count_backlog(struct session *session, uint64_t bytes)
{
    uint64_t unsent = bytes == 0 ? 0 : transport_unsent(&session->transport);

    metric_add(&session->sessions->metrics->unsent_bytes, unsent - session->unsent_bytes);
    session->unsent_bytes = unsent;
    if (session->backlog_bytes == bytes)
        return;
    metric_add(&session->sessions->metrics->backlog_bytes, bytes - session->backlog_bytes);
    session->backlog_bytes = bytes;
}

void session_count_end(struct session *session, const char *reason)
{
    static const struct {
        const char *reason;
        enum metrics_end end;
    } ends[] = {{"finished", METRICS_END_FINISHED},
                {"end of stream", METRICS_END_STREAM},
                {"slow client", METRICS_END_SLOW},
                {"did not read its last answer", METRICS_END_SLOW},
                {"idle", METRICS_END_IDLE},
                {"no login in time", METRICS_END_NO_LOGIN},
                {"made room for another", METRICS_END_NO_LOGIN},
                {"the proxy ends", METRICS_END_SHUTDOWN},
                {"its user was removed", METRICS_END_REMOVED}};
    struct metrics_worker *metrics = session->sessions->metrics;
    enum metrics_end end = METRICS_END_ERROR;

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        if (strcmp(reason, ends[i].reason) == 0)
            end = ends[i].end;
    }
    metric_add(&metrics->ended[end], 1);
    if (session->shaking_hands)
        metric_add(&metrics->handshakes_failed, 1);
    session_count_backlog(session, 0);
}

void session_count_answer(struct session *session, enum amp_reason reason)
{
    metric_add(&session->sessions->metrics->actions[reason < METRICS_REASONS ? reason : 0], 1);
}
