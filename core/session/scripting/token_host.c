// core/session/scripting/token_host.c: see token_host.h.
#include "session/scripting/token_host.h"

#include "ami/catalogue.h"
#include "auth/revocations.h"
#include "base/clock.h"
#include "base/memory.h"
#include "session/access/audited.h"
#include "session/access/held_token.h"

#include <inttypes.h>
#include <stdio.h>

static const struct by_token *token_of(const struct sessions *sessions, struct handle handle)
{
    const struct session *session = sessions_find(sessions, handle);

    return session == NULL ? NULL : session->token;
}

bool token_host_may_revoke(const struct sessions *sessions, struct handle handle, const struct message *arguments)
{
    const struct by_token *token = token_of(sessions, handle);
    struct span user, label;

    return token == NULL ||
           (message_find(arguments, "User", &user) && message_find(arguments, "Label", &label) &&
            span_equals(user, token->token.claims.user) && span_equals(label, token->token.claims.label));
}

/** Copies the list of actions with one comma between two names. @return false: it is too long, or `err` says more */
static bool list_actions(const struct script_token_wish *wish, char list[TOKEN_ACTIONS_BYTES + 1], size_t *length,
                         struct error *err)
{
    struct span rest = wish->actions, name;

    *length = 0;
    while (wish->listed && token_next_action(&rest, &name)) {
        bool is_of_events = span_is(name, "Events") || span_is(name, "Ping");
        if (*length + name.length + 1 > TOKEN_ACTIONS_BYTES)
            return error_set(err, "Actions: expected at most %d bytes", TOKEN_ACTIONS_BYTES);
        if (wish->only_reads && !is_of_events && !catalogue_only_reads(name))
            return error_set(err, "Actions: %.*s does not only read", (int)name.length, name.bytes);
        if (*length > 0)
            list[(*length)++] = ',';
        memcpy(list + *length, name.bytes, name.length);
        *length += name.length;
    }
    return true;
}

/** Sets when the token is made: now, or behind the revocation of its label. Checks its end. */
static bool set_made(const struct sessions *sessions, struct token_claims *claims, struct error *err)
{
    uint64_t longest_s = sessions->config->auth.token_life_ms / 1000;
    uint64_t revoked_us = revocations_until(sessions->link.revocations, claims->user, claims->label);
    int64_t seconds;
    int32_t microseconds;

    clock_wall(&seconds, &microseconds);
    uint64_t now_s = (uint64_t)seconds, now_us = now_s * 1000000 + (uint64_t)microseconds;
    claims->made_us = now_us > revoked_us ? now_us : revoked_us + 1;

    if (claims->ends_s <= now_s)
        return error_set(err, "Ends: expected a time to come");
    if (claims->ends_s - now_s > longest_s)
        return error_set(err, "A token lives for at most %" PRIu64 " seconds (auth.token_life)", longest_s);
    if (!revocations_are_known(sessions->link.revocations))
        return error_set(err, "The file of revoked tokens cannot be read");
    if (claims->made_us > now_us + 2 * TOKEN_SKEW_S * 1000000)
        return error_set(err, "That label was revoked at a later time than the clock says now");
    return true;
}

char *token_host_create(void *context, struct handle handle, const struct script_token_wish *wish, struct error *err)
{
    const struct sessions *sessions = context;
    const struct config *config = sessions->config;
    const struct user_config *user = config_find_user(config, wish->user);
    char list[TOKEN_ACTIONS_BYTES + 1], text[TOKEN_BYTES + 1];
    struct token_claims claims = {
        .user = wish->user, .label = wish->label, .ends_s = wish->ends_s, .only_reads = wish->only_reads};
    const char *fault;

    claims.listed = wish->listed;
    claims.actions.bytes = list;
    if (token_of(sessions, handle) != NULL)
        error_set(err, "Permission denied");
    else if (config->auth.token_keys.count == 0)
        error_set(err, "There are no tokens here (auth.token_keys)");
    else if (user == NULL)
        error_set(err, "There is no such user");
    else if (list_actions(wish, list, &claims.actions.length, err) && set_made(sessions, &claims, err)) {
        fault = token_make(&claims, &config->auth.token_keys, span_of(user->secret), text);
        if (fault == NULL) {
            audited_token(sessions_find(sessions, handle), "created", claims.user, claims.label);
            return memory_text(text);
        }
        error_set(err, "%s", fault);
    }
    return NULL;
}

struct revoked_visit {
    void (*visit)(void *visitor, const char *user, const char *label, uint64_t made_us, uint64_t until_s);
    void *visitor;
};

static void visit_revocation(void *visitor, const struct revocation *revocation)
{
    const struct revoked_visit *visit = visitor;

    visit->visit(visit->visitor, revocation->user, revocation->label, revocation->made_us, revocation->until_s);
}

void token_host_each_revoked(void *context,
                             void (*visit)(void *visitor, const char *user, const char *label, uint64_t made_us,
                                           uint64_t until_s),
                             void *visitor)
{
    struct sessions *sessions = context;
    struct revoked_visit revoked = {visit, visitor};

    revocations_each(sessions->link.revocations, visit_revocation, &revoked);
}
