// core/session/delivery/slow.c: see slow.h.
#include "session/delivery/slow.h"

#include "session/client/set.h"
#include "session/delivery/give.h"

#include <inttypes.h>

void slow_apply(struct session *session)
{
    const struct config *config = session->sessions->config;
    struct message_builder builder;
    struct log_context log = session_log(session);
    uint64_t backlog = output_backlog(&session->output);
    uint64_t dropped;
    struct metrics_worker *metrics = session->sessions->metrics;

    bool skips = config->limits.slow_client == SLOW_SKIP || session->detached; // there is no connection to end
    if (skips && session->output.private_bytes < config->limits.output_backlog) {
        dropped = output_skip(&session->output);
        metric_add(&metrics->slow_skipped, 1);
        metric_add(&metrics->events_skipped, dropped);
        log_warn(&log, "slow client backlog_bytes=%" PRIu64 " rule=skip dropped=%" PRIu64, backlog, dropped);
        message_builder_init(&builder);
        message_addf(&builder, "Event", "EventsSkipped");
        message_addf(&builder, "Privilege", "system,all");
        message_addf(&builder, "Dropped", "%" PRIu64, dropped);
        session_give(session, message_build(&builder), AMP_DELIVERY_NOTICE, true, AMP_REASON_NONE);
        return;
    }
    log_warn(&log, "slow client backlog_bytes=%" PRIu64 " rule=disconnect", backlog);
    metric_add(&metrics->slow_disconnected, 1);
    session_end(session, END_SLOW);
}
