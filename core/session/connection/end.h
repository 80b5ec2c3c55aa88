// core/session/connection/end.h: why a session ends: one list of reasons, with the words of the log and the counter of
// each. Nothing is decided by the words.  Thread: any.
#ifndef SESSION_CONNECTION_END_H
#define SESSION_CONNECTION_END_H

#include "base/metrics.h"

enum session_end_reason {
    END_FINISHED,          // all was said, and written
    END_OF_STREAM,         // the client has closed
    END_CONNECTION_FAILED, // the words are transport_reason()'s
    END_SLOW,              // limits.output_backlog, slow_client: disconnect
    END_LAST_ANSWER_UNREAD,
    END_IDLE,
    END_NO_LOGIN,
    END_MADE_ROOM,
    END_PROXY_ENDS,
    END_USER_REMOVED,
    END_BY_OPERATOR,
    END_NO_PROTOCOL,
    END_NO_DECODER,
    END_PLUGIN_FAILED,
    END_SILENT, // before it was known whether it encrypts
    END_HANDSHAKE_TOO_LONG,
    END_REASONS // how many there are
};

/** The words of the log. @return static text; NULL: the connection has words of its own (END_CONNECTION_FAILED) */
const char *end_text(enum session_end_reason reason);
/** The counter of such ends. */
enum metrics_end end_metric(enum session_end_reason reason);

#endif
