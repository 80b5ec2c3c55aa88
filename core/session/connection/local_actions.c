// core/session/connection/local_actions.c: see local_actions.h.
#include "session/connection/local_actions.h"

#include "base/clock.h"
#include "session/access/login.h"
#include "session/delivery/event_actions.h"
#include "session/delivery/give.h"
#include "session/delivery/reply.h"

#include <inttypes.h>

static void do_ping(struct session *session, const struct message *action)
{
    struct message_builder answer;
    int64_t seconds;
    int32_t microseconds;

    clock_wall(&seconds, &microseconds);
    reply_begin(&answer, action, "Success");
    message_addf(&answer, "Ping", "Pong");
    message_addf(&answer, "Timestamp", "%" PRId64 ".%06" PRId32, seconds, microseconds);
    session_send(session, message_build(&answer));
}

static const struct local_action local_actions[] = {
    {{"Login", 5}, true, login_login},
    {{"Challenge", 9}, true, login_challenge},
    {{"Logoff", 6}, true, login_logoff},
    {{"Ping", 4}, false, do_ping},
    {{"Events", 6}, false, event_actions_events},
    {{"Filter", 6}, false, event_actions_filter},
    {{"WaitEvent", 9}, false, event_actions_wait},
};

const struct local_action *local_action_find(const struct session *session, struct span name, struct span server)
{
    for (size_t i = 0; i < sizeof local_actions / sizeof local_actions[0]; i++) {
        const struct local_action *local = &local_actions[i];
        if (name.length != local->name.length || span_fold(name.bytes[0]) != span_fold(local->name.bytes[0]))
            continue; // most are told apart by these
        if (!span_equals_nocase(name, local->name) || (!session->authenticated && !local->before_login))
            continue;
        return local->run == do_ping && server.length > 0 ? NULL : local; // a Ping of a server, not of the proxy
    }
    return NULL;
}
