// core/server/lane_tick.c: a lane's time limits, its keep-alive Pings, and messages that are complete after a silence.
#include "server/lane_inside.h"

#include "base/clock.h"
#include "server/receive.h"
#include "server/server.h"

#define MISSED_PINGS 3
#define SETTLE_MS 200                    // silence after which a possible end of a message is its end
#define TEXT_MS 1000                     // an old server's text that takes longer may have lost its end mark
#define PROGRESS_BYTES ((size_t)1 << 20) // so many bytes of one message count as a sign of life, like a complete one

/** Does Asterisk work on a blocking action whose time limit is not reached? It would answer a Ping only after that. */
static bool is_busy(const struct lane *lane, uint64_t now)
{
    return lane->blocker != NULL && lane->blocker->state <= EXCHANGE_LISTING && now < lane->blocker->deadline_ms;
}

/** Takes a message that may be complete as complete after SETTLE_MS of silence. @return false: the lane was closed */
static bool lane_settle(struct lane *lane, uint64_t now)
{
    if (!parser_is_doubtful(lane->parser) || now - lane->heard_ms < SETTLE_MS)
        return true;
    parser_settle(lane->parser);
    return receive_messages(lane);
}

/** Have PROGRESS_BYTES more of a large message come? Then the peer is alive; the message has a limit of size. */
static bool makes_progress(struct lane *lane)
{
    size_t pending = parser_pending(lane->parser);

    if (pending < lane->seen_bytes + PROGRESS_BYTES)
        return false;
    lane->seen_bytes = pending;
    return true;
}

/** Has a text been read for TEXT_MS, so that it may have lost its end mark? The answer to a Ping shows the end. */
static bool is_long_text(struct lane *lane, uint64_t now)
{
    if (!parser_is_in_text(lane->parser))
        lane->text_ms = 0;
    else if (lane->text_ms == 0)
        lane->text_ms = now;
    return lane->text_ms != 0 && now - lane->text_ms >= TEXT_MS;
}

/** Sends Pings, and gives the connection up if no complete message comes. Bytes that complete no message are no sign of
 *  life. */
static void keep_alive(struct lane *lane, uint64_t now)
{
    uint64_t interval = lane->server->config->ping_interval_ms;
    bool is_text = is_long_text(lane, now);

    if ((is_busy(lane, now) && !is_text) || makes_progress(lane)) {
        lane->whole_ms = now; // silence is normal now
        lane->pinged_ms = 0;
    } else if (lane->pinged_ms == 0 && (is_text || now - lane->whole_ms >= interval)) {
        lane_ping(lane);
    } else if (lane->pinged_ms != 0 && now - lane->pinged_ms >= interval * MISSED_PINGS) {
        server_lane_lost(lane, LANE_LOSS_SILENCE, NULL);
    }
}

uint64_t lane_due(const struct lane *lane)
{
    uint64_t settled = 0;

    if (lane->state == LANE_UP && parser_is_doubtful(lane->parser))
        settled = lane->heard_ms + SETTLE_MS;
    return lane->deadline_ms == 0 || (settled != 0 && settled < lane->deadline_ms) ? settled : lane->deadline_ms;
}

void lane_tick(struct lane *lane, uint64_t now)
{
    if (lane->deadline_ms != 0 && now >= lane->deadline_ms) {
        if (lane_connect_next(lane))
            return;
        server_lane_lost(lane, lane->state == LANE_LEAVING ? LANE_LOSS_LOGOFF : LANE_LOSS_TIME, NULL);
        return;
    }
    if (lane->state == LANE_UP && lane_settle(lane, now))
        keep_alive(lane, now);
}
