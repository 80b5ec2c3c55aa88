// core/session/connection/count.c: what a session adds to the counters of its worker.
#include "session/connection/set.h"

void session_count_backlog(struct session *session, uint64_t bytes, bool written)
{
    if (written) {
        uint64_t unsent = bytes == 0 ? 0 : transport_unsent(&session->transport);
        metric_add(&session->sessions->metrics->unsent_bytes, unsent - session->counted.unsent_bytes);
        session->counted.unsent_bytes = unsent;
    }
    if (session->counted.backlog_bytes == bytes)
        return;
    metric_add(&session->sessions->metrics->backlog_bytes, bytes - session->counted.backlog_bytes);
    session->counted.backlog_bytes = bytes;
}

void session_count_end(struct session *session, enum session_end_reason reason)
{
    struct metrics_worker *metrics = session->sessions->metrics;

    metric_add(&metrics->ended[end_metric(reason)], 1);
    if (session->detection.encrypting)
        metric_add(&metrics->handshakes_failed, 1);
    session_count_backlog(session, 0, true);
}

void session_count_answer(struct session *session, enum amp_reason reason)
{
    metric_add(&session->sessions->metrics->actions[reason < METRICS_REASONS ? reason : 0], 1);
}
