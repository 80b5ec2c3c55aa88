// core/server/lane_tick.c: a lane and time: the longest stay in a state, keep-alive Pings, what silence settles.
#include "server/lane_inside.h"

#include "base/clock.h"
#include "server/server.h"

#define MISSED_PINGS 3
#define SETTLE_MS 200                    // silence behind what may be a message's end
#define TEXT_MS 1000                     // a legacy text that takes longer has perhaps lost its end
#define PROGRESS_BYTES ((size_t)1 << 20) // of one message: as good a sign of life as a whole one

/** Does Asterisk work on a blocking action that still has time? A Ping would wait behind it. */
static bool is_busy(const struct lane *lane, uint64_t now)
{
    return lane->blocker != NULL && lane->blocker->state <= EXCHANGE_LISTING && now < lane->blocker->deadline_ms;
}

/** What may be complete is so after a while of silence. @return false: the lane was closed */
static bool settle(struct lane *lane, uint64_t now)
{
    if (!parser_is_doubtful(lane->parser) || now - lane->heard_ms < SETTLE_MS)
        return true;
    parser_settle(lane->parser);
    return lane_take_messages(lane);
}

/** Is a message on its way that is large? Megabytes of it count as a sign of life: its limit ends it. */
static bool makes_progress(struct lane *lane)
{
    size_t pending = parser_pending(lane->parser);

    if (pending < lane->seen_bytes + PROGRESS_BYTES)
        return false;
    lane->seen_bytes = pending;
    return true;
}

/** Is a text being read that has perhaps lost its end? The answer to a Ping would tell: Asterisk works in turn. */
static bool is_long_text(struct lane *lane, uint64_t now)
{
    if (!parser_is_in_text(lane->parser))
        lane->text_ms = 0;
    else if (lane->text_ms == 0)
        lane->text_ms = now;
    return lane->text_ms != 0 && now - lane->text_ms >= TEXT_MS;
}

/** Bytes that make no whole message are no sign of life: the connection is given up as if it were silent. */
static void keep_alive(struct lane *lane, uint64_t now)
{
    uint64_t interval = lane->server->config->ping_interval_ms;
    bool is_text = is_long_text(lane, now);

    if ((is_busy(lane, now) && !is_text) || makes_progress(lane)) {
        lane->whole_ms = now; // its silence says nothing
        lane->pinged_ms = 0;
    } else if (lane->pinged_ms == 0 && (is_text || now - lane->whole_ms >= interval)) {
        lane_ping(lane);
    } else if (lane->pinged_ms != 0 && now - lane->pinged_ms >= interval * MISSED_PINGS) {
        server_lane_lost(lane, LANE_LOSS_SILENCE, NULL);
    }
}

void lane_tick(struct lane *lane, uint64_t now)
{
    if (lane->deadline_ms != 0 && now >= lane->deadline_ms) {
        if (lane_connect_next(lane))
            return;
        server_lane_lost(lane, lane->state == LANE_LEAVING ? LANE_LOSS_LOGOFF : LANE_LOSS_TIME, NULL);
        return;
    }
    if (lane->state == LANE_UP && settle(lane, now))
        keep_alive(lane, now);
}
