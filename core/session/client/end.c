// core/session/client/end.c: see end.h.
#include "session/client/end.h"

#include <stddef.h>

static const struct {
    const char *text;
    enum metrics_end metric;
} ends[END_REASONS] = {
    [END_FINISHED] = {"finished", METRICS_END_FINISHED},
    [END_OF_STREAM] = {"end of stream", METRICS_END_STREAM},
    [END_CONNECTION_FAILED] = {NULL, METRICS_END_ERROR},
    [END_SLOW] = {"slow client", METRICS_END_SLOW},
    [END_LAST_ANSWER_UNREAD] = {"did not read its last answer", METRICS_END_SLOW},
    [END_IDLE] = {"idle", METRICS_END_IDLE},
    [END_NO_LOGIN] = {"no login in time", METRICS_END_NO_LOGIN},
    [END_MADE_ROOM] = {"made room for another", METRICS_END_NO_LOGIN},
    [END_PROXY_ENDS] = {"the proxy ends", METRICS_END_SHUTDOWN},
    [END_USER_REMOVED] = {"its user was removed", METRICS_END_REMOVED},
    [END_TOKEN_OVER] = {"its token is over", METRICS_END_REMOVED},
    [END_BY_OPERATOR] = {"an operator ended it", METRICS_END_ERROR},
    [END_NO_PROTOCOL] = {"the protocol could not be started", METRICS_END_ERROR},
    [END_NO_DECODER] = {"the decoder could not be made", METRICS_END_ERROR},
    [END_PLUGIN_FAILED] = {"its plugin failed", METRICS_END_ERROR},
    [END_SILENT] = {"sent nothing in time", METRICS_END_ERROR},
    [END_HANDSHAKE_TOO_LONG] = {"the TLS handshake took too long", METRICS_END_ERROR},
};

const char *end_text(enum session_end_reason reason)
{
    return ends[reason].text;
}

enum metrics_end end_metric(enum session_end_reason reason)
{
    return ends[reason].metric;
}
