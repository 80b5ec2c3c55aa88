// core/session/client/count.c: see count.h.
#include "session/client/count.h"

#include "session/client/set.h"

void count_backlog(struct session *session, uint64_t bytes, bool written)
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

void count_end(struct session *session, enum session_end_reason reason)
{
    struct metrics_worker *metrics = session->sessions->metrics;

    metric_add(&metrics->ended[end_metric(reason)], 1);
    if (session->detection.encrypting)
        metric_add(&metrics->handshakes_failed, 1);
    count_backlog(session, 0, true);
}

void count_answer(struct session *session, enum amp_reason reason)
{
    metric_add(&session->sessions->metrics->actions[reason < METRICS_REASONS ? reason : 0], 1);
}

struct metric *count_of_events(struct sessions *sessions, const struct amp_plugin *format)
{
    size_t place = 0;

    while (place < METRICS_FORMATS - 1 && place < registry_count(sessions->registry) &&
           registry_at(sessions->registry, place) != format)
        place++;
    return &sessions->metrics->events[place];
}
