// core/session/access/by_token.c: see by_token.h.
#include "session/access/by_token.h"

#include "auth/revocations.h"
#include "base/clock.h"
#include "base/memory.h"
#include "session/access/audited.h"
#include "session/client/set.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

/** The wall clock: tokens end by it. */
static uint64_t now_us(void)
{
    int64_t seconds;
    int32_t microseconds;

    clock_wall(&seconds, &microseconds);
    return (uint64_t)seconds * 1000000 + (uint64_t)microseconds;
}

// --- logins -----------------------------------------------------------------------------------------------------

struct span by_token_user(struct span text, char buffer[TOKEN_USER_BYTES + 1])
{
    struct token token;

    if (!token_read(text, &token))
        return (struct span){0};
    memcpy(buffer, token.claims.user.bytes, token.claims.user.length);
    return (struct span){buffer, token.claims.user.length};
}

/** Returns why a token that was signed here cannot be used now; NULL: it can. */
static const char *find_fault(const struct session *session, const struct token_claims *claims, bool is_login)
{
    struct revocations *revocations = session->sessions->link.revocations;
    uint64_t now = now_us();

    if (now / 1000000 >= claims->ends_s)
        return "the token has ended";
    if (claims->made_us > now + 2 * TOKEN_SKEW_S * 1000000)
        return "the token was made in the future: is the clock right?";
    if (claims->ends_s > claims->made_us / 1000000 + TOKEN_LONGEST_S)
        return "the token lives for too long";
    if (is_login && !revocations_are_known(revocations))
        return "the file of revoked tokens cannot be read";
    return revocations_has(revocations, claims->user, claims->label, claims->made_us) ? "the token is revoked" : NULL;
}

/** Failures of a token that was signed here count for it alone: a forgotten page must not lock out its user. */
static struct failures_key key_of(const struct session *session, const struct token_claims *claims)
{
    char name[TOKEN_USER_BYTES + TOKEN_LABEL_BYTES + 8];
    size_t length = claims->user.length;

    memcpy(name, claims->user.bytes, length);
    name[length++] = '\0'; // no user's name has one
    memcpy(name + length, claims->label.bytes, claims->label.length);
    return failures_key(session->sessions->link.failures, session->address,
                        (struct span){name, length + claims->label.length});
}

/** Judges a token that was signed with the user's secret. */
static enum credentials_result check_signed(const struct session *session, const struct token_claims *claims,
                                            struct credentials *credentials)
{
    struct failures *failures = session->sessions->link.failures;
    struct failures_key key = key_of(session, claims);

    credentials->counted = true; // here
    if (failures_is_refused(failures, &key, clock_ms())) {
        credentials->reason = "too many failures of this token from this address";
        return CREDENTIALS_LIMITED;
    }
    credentials->reason = find_fault(session, claims, true);
    if (credentials->reason == NULL)
        return CREDENTIALS_RIGHT;
    failures_add(failures, &key, clock_ms());
    return CREDENTIALS_WRONG;
}

static struct by_token *by_token_create(const struct token *token, struct span text, uint64_t generation)
{
    struct by_token *made = memory_zero(1, sizeof *made + text.length + 1);
    struct token_claims *claims = &made->token.claims;
    const char *old = (const char *)token->payload, *fresh = (const char *)made->token.payload;

    made->token = *token; // with texts that point into itself
    claims->user.bytes = fresh + (token->claims.user.bytes - old);
    claims->label.bytes = fresh + (token->claims.label.bytes - old);
    claims->actions.bytes = fresh + (token->claims.actions.bytes - old);
    made->generation = generation;
    memcpy(made->label, claims->label.bytes, claims->label.length);
    made->length = text.length;
    memcpy(made->text, text.bytes, text.length);
    return made;
}

void by_token_discard(struct by_token *token)
{
    if (token == NULL)
        return;
    OPENSSL_cleanse(token->text, token->length);
    free(token);
}

enum credentials_result by_token_check(const struct session *session, const struct message *action, struct span text,
                                       struct credentials *credentials)
{
    const struct config *config = session->config;
    struct span named = credentials_header(action, "Username");
    const struct user_config *user, *admitted = credentials->user;
    struct token token;
    uint64_t generation = revocations_generation(session->sessions->link.revocations);

    credentials->user = NULL;
    if (!token_read(text, &token)) {
        credentials->reason = "it is no token";
        return CREDENTIALS_WRONG;
    }
    user = config_find_user(config, token.claims.user);
    bool is_signed = token_is_signed(&token, text, &config->auth.token_keys,
                                     user != NULL ? span_of(user->secret) : span_of("no such user"));
    if (!is_signed || user == NULL || (named.length > 0 && !span_equals(named, token.claims.user))) {
        credentials->reason = is_signed && user != NULL ? "the token is another user's" : "the token was not made here";
        return CREDENTIALS_WRONG;
    }
    if (admitted != user) { // the reason is there: credentials_find_user()
        return CREDENTIALS_WRONG;
    }
    enum credentials_result result = check_signed(session, &token.claims, credentials);
    if (result == CREDENTIALS_RIGHT) {
        credentials->user = user;
        credentials->token = by_token_create(&token, text, generation);
    }
    return result;
}

// --- the session ------------------------------------------------------------------------------------------------

void by_token_begin(struct session *session, struct by_token *token)
{
    by_token_end(session);
    session->token = token;
    by_token_arrive(session);
}

void by_token_leave(struct session *session)
{
    if (session->token != NULL)
        list_remove(&session->sessions->tokens, &session->token->node);
}

void by_token_arrive(struct session *session)
{
    if (session->token == NULL)
        return;
    session->token->session = session->handle;
    list_add_last(&session->sessions->tokens, &session->token->node);
}

void by_token_end(struct session *session)
{
    by_token_leave(session);
    by_token_discard(session->token);
    session->token = NULL;
}

bool by_token_is_over(const struct session *session)
{
    struct by_token *token = session->token;
    uint64_t generation;

    if (token == NULL)
        return false;
    if (now_us() / 1000000 >= token->token.claims.ends_s)
        return true;
    generation = revocations_generation(session->sessions->link.revocations);
    if (generation == token->generation)
        return false;
    if (find_fault(session, &token->token.claims, false) != NULL)
        return true;
    token->generation = generation;
    return false;
}

// --- its end ----------------------------------------------------------------------------------------------------

void by_token_sweep(struct sessions *sessions)
{
    struct list_walk walk;
    struct list_node *node;

    list_begin(&walk, &sessions->tokens);
    while ((node = list_step(&walk)) != NULL) {
        const struct by_token *token = LIST_OBJECT(node, struct by_token, node);
        struct session *session = sessions_find(sessions, token->session);
        if (session == NULL || !by_token_is_over(session))
            continue;
        audited_token(session, "session ended", token->token.claims.user, token->token.claims.label);
        session_end(session, END_TOKEN_OVER); // frees the token
    }
}

bool by_token_keep(struct session *session)
{
    const struct by_token *token = session->token;
    struct span text = {token == NULL ? "" : token->text, token == NULL ? 0 : token->length};

    if (token == NULL)
        return true;
    if (session->user != NULL &&
        token_is_signed(&token->token, text, &session->config->auth.token_keys, span_of(session->user->secret)) &&
        !by_token_is_over(session))
        return true;
    session_end(session, END_TOKEN_OVER);
    return false;
}
