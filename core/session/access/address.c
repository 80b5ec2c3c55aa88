// core/session/access/address.c: see address.h.
#include "session/access/address.h"

#include "base/clock.h"
#include "base/forwarded.h"
#include "session/access/limits.h"
#include "session/access/login.h"
#include "session/client/publish.h"
#include "session/client/set.h"

#include <stdio.h>

/** Logs that a request is refused. @param client  NULL: nobody knows */
static void address_complain(const struct session *session, const char *reason, const char *client)
{
    log_warn(NULL, "request of a balancer refused session=%llu reason=\"%s\" address=%s balancer=%s",
             (unsigned long long)session->id, reason, client != NULL ? client : "-", session->balancer);
}

/** May the balancer name clients? Not any more if a reload took it out of `trust`. */
static bool is_trusted(const struct session *session)
{
    struct address balancer;

    if (session->balancer == NULL)
        return false;
    balancer = address_of(session->balancer);
    return network_list_has(&session->listen->trust, &balancer);
}

/** Counts the session for the client. @param client  NULL: for the balancer itself @return false: there is no room */
static bool address_enter_limits(const struct session *session, const char *client, const char **reason)
{
    const struct sessions *sessions = session->sessions;
    struct session_limits_place place;

    if (session_limits_move(sessions->link.limits, session->id, client, sessions->config, clock_ms(), &place) !=
        SESSION_LIMITS_ENTERED) {
        *reason = place.reason;
        return false;
    }
    if (place.displaced != 0)
        sessions->link.displace(sessions->link.context, place.displaced);
    return true;
}

/** Changes the session over to another client, for whom nobody has logged in. */
static enum amp_client address_change(struct session *session, const char *client)
{
    const struct listen_config *listen = session->listen;
    bool is_balancer = strcmp(client, session->balancer) == 0;
    const char *reason = "Too many sessions of this address";

    if (!is_balancer && !address_rules_admit(&listen->allow, &listen->deny, client)) {
        metric_add(&session->sessions->metrics->forwarded_address, 1);
        address_complain(session, "the listener's allow or deny", client);
        return AMP_CLIENT_DENIED;
    }
    if (!address_enter_limits(session, is_balancer ? NULL : client, &reason)) {
        metric_add(&session->sessions->metrics->forwarded_limit, 1);
        address_complain(session, reason, client);
        return AMP_CLIENT_LIMITED;
    }
    snprintf(session->address, sizeof session->address, "%s", client);
    login_forget(session); // also publishes the address
    struct log_context log = session_log(session);
    log_debug(&log, "client named by balancer balancer=%s", session->balancer);
    return AMP_CLIENT_OTHER;
}

enum amp_client address_name_client(struct session *session, struct span forwarded)
{
    char client[ADDRESS_PRINT_SIZE];
    enum forwarded_result result = FORWARDED_NOBODY;

    if (session->balancer == NULL)
        return AMP_CLIENT_SAME;
    if (is_trusted(session))
        result = forwarded_client(forwarded, &session->listen->trust, client);
    if (result == FORWARDED_INVALID) {
        metric_add(&session->sessions->metrics->forwarded_invalid, 1);
        address_complain(session, "X-Forwarded-For is not a list of addresses", NULL);
        return AMP_CLIENT_INVALID;
    }
    if (result == FORWARDED_NOBODY)
        snprintf(client, sizeof client, "%s", session->balancer);
    return strcmp(client, session->address) == 0 ? AMP_CLIENT_SAME : address_change(session, client);
}
