// core/session/connection/flush.c: see flush.h.
#include "session/connection/flush.h"

#include "base/clock.h"
#include "session/client/count.h"
#include "session/client/set.h"
#include "session/connection/detached.h"
#include "session/connection/exporting.h"
#include "session/connection/input.h"
#include "session/delivery/resume.h"
#include "session/delivery/slow.h"

#define LAG_MS 1000 // a client that reads nothing for so long lags

/** After everything is written: shuts down writing and waits a little for the client to close first. If the proxy
 *  closed with unread input, the kernel would send a reset, and the client could lose what it has not read yet. */
static void flush_linger(struct session *session)
{
    if (session->input.ended) {
        session_end(session, END_FINISHED);
        return;
    }
    session_enter(session, SESSION_LINGERING);
    transport_shutdown(&session->transport);
    transport_set_reading(&session->transport, true);
}

static void set_lagging(struct session *session, bool lagging)
{
    if (session->lagging == lagging)
        return;
    struct log_context log = session_log(session);
    session->lagging = lagging;
    transport_limit_unsent(&session->transport, lagging ? TRANSPORT_UNSENT_LAGGING : TRANSPORT_UNSENT);
    log_debug(&log, lagging ? "client lags" : "client has caught up");
}

/** Handles bytes that wait in the proxy. @param waited  the kernel had no room before, so that nothing was offered to
 *  it */
static void wait_for_room(struct session *session, bool waited)
{
    uint64_t backlog = output_backlog(&session->output);

    if (!waited)
        session->reading.full_ms = (uint32_t)clock_ms();
    else if (!session->lagging && (uint32_t)clock_ms() - session->reading.full_ms >= LAG_MS)
        set_lagging(session, true);
    count_backlog(session, backlog, !waited);
    if (session->output.granted != 0 && !resume_excuses(session))
        session->output.granted = 0; // its time to read what it has missed is over
    if (backlog > session->sessions->config->limits.output_backlog)
        slow_apply(session);
}

void session_flush(struct session *session)
{
    bool waited = transport_is_writing(&session->transport);

    if (session->state >= SESSION_LINGERING)
        return;
    if (session->exported != NULL) {
        exporting_flush(session);
        return;
    }
    if (session->detached) {
        detached_flush(session);
        return;
    }
    if (session->state == SESSION_FINISHING)
        transport_announce_end(&session->transport);
    if (!waited) {
        switch (output_flush(&session->output, &session->transport)) {
        case OUTPUT_FAILED:
            session_end_connection(session);
            return;
        case OUTPUT_DRAINED:
            count_backlog(session, 0, true);
            set_lagging(session, false);
            if (session->sessions->config->limits.idle_timeout_ms != 0)
                session->active_ms = clock_ms();
            if (session_is_ending(session))
                flush_linger(session);
            else if (session->input.ended && session->format.protocol == NULL && session->asks.count == 0 &&
                     session->input.held_count == 0 && session->wait.why == WAIT_NONE)
                session_end(session, END_OF_STREAM);
            else if (session->input.unread_length > 0 && !session_is_encoded(session))
                input_resume(session); // the next request may have waited for this
            return;
        case OUTPUT_WAITING:
            break;
        }
    }
    wait_for_room(session, waited);
}
