// core/session/client/end.h: why a session ends: the reasons, with the text in the log and the counter of each. No
// code decides by the text.  Thread: any.
#ifndef SESSION_CLIENT_END_H
#define SESSION_CLIENT_END_H

#include "base/metrics.h"

enum session_end_reason {
    END_FINISHED,          // everything was written after session_finish()
    END_OF_STREAM,         // the client has closed
    END_CONNECTION_FAILED, // the text is transport_reason()'s
    END_SLOW,              // limits.output_backlog, slow_client: disconnect
    END_LAST_ANSWER_UNREAD,
    END_IDLE,
    END_NO_LOGIN,
    END_MADE_ROOM,
    END_PROXY_ENDS,
    END_USER_REMOVED,
    END_TOKEN_OVER, // the token by which it had logged in has ended or was revoked
    END_BY_OPERATOR,
    END_NO_PROTOCOL,
    END_NO_DECODER,
    END_PLUGIN_FAILED,
    END_SILENT, // sent nothing before it was known whether it encrypts
    END_HANDSHAKE_TOO_LONG,
    END_REASONS // the number of reasons
};

/** Returns the text in the log (static); NULL: the connection has its own, transport_reason() (END_CONNECTION_FAILED).
 */
const char *end_text(enum session_end_reason reason);
/** Returns the counter of sessions that ended for this reason. */
enum metrics_end end_metric(enum session_end_reason reason);

#endif
