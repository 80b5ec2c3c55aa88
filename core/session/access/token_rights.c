// core/session/access/token_rights.c: see token_rights.h.
#include "session/access/token_rights.h"

#include "ami/catalogue.h"

void token_rights_reduce(struct session *session)
{
    const struct token_claims *claims = session->token == NULL ? NULL : &session->token->token.claims;

    if (claims == NULL)
        return;
    if (claims->listed && !token_lists(claims, span_of("Events")))
        session->read = 0;
    session->admin = session->admin && claims->listed; // what steers the proxy must be listed
}

bool token_rights_permit_call(const struct session *session, const struct message *action)
{
    return session->token == NULL || !session->token->token.claims.only_reads || catalogue_message_only_reads(action);
}

bool token_rights_permit(const struct session *session, struct span name, const struct message *action)
{
    static const char *const never[] = {"CreateToken", "ListRevokedTokens", NULL};
    const struct token_claims *claims = session->token == NULL ? NULL : &session->token->token.claims;

    if (claims == NULL)
        return true;
    for (const char *const *each = never; *each != NULL; each++) {
        if (span_is(name, *each))
            return false;
    }
    if (claims->listed && !token_lists(claims, name))
        return false;
    return token_rights_permit_call(session, action);
}

bool token_rights_permit_local(const struct session *session, struct span name)
{
    const struct token_claims *claims = session->token == NULL ? NULL : &session->token->token.claims;

    // Ping is for everybody; Events, Filter and WaitEvent are about the session's own events.
    return claims == NULL || !claims->listed || span_is(name, "Ping") || token_lists(claims, span_of("Events"));
}
