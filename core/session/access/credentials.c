// core/session/access/credentials.c: see credentials.h.
#include "session/access/credentials.h"

#include "auth/hash.h"
#include "base/clock.h"
#include "base/memory.h"
#include "session/access/by_token.h"
#include "session/access/http_digest.h"
#include "session/client/set.h"

#include <stdlib.h>
#include <string.h>

#define CHALLENGE_LIFE_MS 30000
#define LIMITED "too many failures from this address"

struct span credentials_header(const struct message *action, const char *name)
{
    struct span value;

    message_find(action, name, &value);
    return value;
}

struct span credentials_name(const struct message *action, char buffer[TOKEN_USER_BYTES + 1])
{
    struct span name = credentials_header(action, "Username");

    return name.length > 0 ? name : by_token_user(credentials_header(action, "Secret"), buffer);
}

struct failures_key credentials_failures_key(const struct session *session, const struct message *action)
{
    char buffer[TOKEN_USER_BYTES + 1];

    return failures_key(session->sessions->link.failures, session->address, credentials_name(action, buffer));
}

static bool is_refused(const struct session *session, const struct message *action)
{
    struct failures_key key = credentials_failures_key(session, action);

    return failures_is_refused(session->sessions->link.failures, &key, clock_ms());
}

/** Finds the user that the action names. @return NULL: unknown, or may not log in from the session's address */
static const struct user_config *credentials_find_user(const struct session *session, const struct message *action,
                                                       struct credentials *credentials)
{
    static const struct network_list nobody = {0};
    char buffer[TOKEN_USER_BYTES + 1];
    const struct user_config *user = config_find_user(session->config, credentials_name(action, buffer));

    if (user == NULL || address_rules_admit(&user->address, &nobody, session->address))
        return user;
    credentials->reason = "the user may not log in from this address";
    return NULL;
}

/** Returns the plain secret to compare with: the user's, or another one so that the comparison takes the same time. */
static struct span plain_secret(const struct user_config *user)
{
    return user != NULL && !user->hashed ? span_of(user->secret) : span_of("no such user");
}

const char *credentials_challenge(struct session *session)
{
    session->challenge = memory_grow(session->challenge, sizeof *session->challenge);
    digest_challenge(session->challenge->text);
    session->challenge->given_ms = clock_ms();
    return session->challenge->text;
}

static bool credentials_check_key(struct session *session, const struct message *action, const struct user_config *user,
                                  struct credentials *credentials)
{
    const struct session_challenge *challenge = session->challenge;
    bool usable = challenge != NULL && clock_ms() - challenge->given_ms <= CHALLENGE_LIFE_MS;
    char expected[DIGEST_KEY_SIZE];
    bool equal;

    digest_key(usable ? challenge->text : "", plain_secret(user), expected);
    equal = digest_equals(span_of(expected), credentials_header(action, "Key"));
    if (user != NULL && user->hashed)
        credentials->reason = "the user's secret is a hash: an MD5 key cannot be compared with it, only Secret can";
    return equal && usable && user != NULL && !user->hashed;
}

/** Compares session->digest. @return true: it is right, and its user may log in from here */
static bool credentials_check_digest(const struct session *session, struct credentials *credentials)
{
    const struct amp_digest *digest = session->digest;
    const struct user_config *user =
        config_find_user(session->config, (struct span){digest->user.bytes, digest->user.length});
    bool equal = http_digest_is_of(digest, plain_secret(user)) && user != NULL && !user->hashed;

    if (user != NULL && user->hashed)
        credentials->reason = "the user's secret is a hash: no digest can be compared with it";
    credentials->elsewhere = equal && credentials->user == NULL;
    return equal && credentials->user != NULL;
}

static bool is_phrase(struct span secret)
{
    return secret.length > 0 && secret.length <= HASH_PHRASE_BYTES && memchr(secret.bytes, '\0', secret.length) == NULL;
}

/** Compares the Secret, or sends it to the verifier. @param user  NULL: an unknown user */
static enum credentials_result credentials_check_secret(struct session *session, const struct message *action,
                                                        const struct user_config *user, struct credentials *credentials)
{
    bool hashed = user != NULL && user->hashed;
    const char *hash = hashed ? user->secret : session->config->auth.usual_hash;
    struct span given = credentials_header(action, "Secret");
    struct sessions *sessions = session->sessions;
    struct failures_key key;

    if (digest_equals(plain_secret(user), given) && user != NULL && !hashed && given.length > 0)
        return CREDENTIALS_RIGHT;
    if (token_is_like(given) && session->config->auth.token_keys.count > 0)
        return by_token_check(session, action, given, credentials);
    if (hash == NULL || !is_phrase(given))
        return CREDENTIALS_WRONG;
    wait_begin(&session->wait, WAIT_CREDENTIALS, action); // until sessions_checked()
    key = credentials_failures_key(session, action);
    session->wait.check = check_create(session->handle, given, hash, !hashed, session->address, &key);
    session->wait.check->session_id = session->id;
    sessions->link.verify(sessions->link.context, session->wait.check);
    return CREDENTIALS_PENDING;
}

enum credentials_result credentials_begin(struct session *session, const struct message *action,
                                          struct credentials *credentials)
{
    const struct user_config *user;
    enum credentials_result result;

    *credentials = (struct credentials){0};
    user = credentials_find_user(session, action, credentials);
    credentials->user = user;
    if (is_refused(session, action)) {
        credentials->reason = LIMITED;
        result = CREDENTIALS_LIMITED;
    } else if (session->digest != NULL) {
        result = credentials_check_digest(session, credentials) ? CREDENTIALS_RIGHT : CREDENTIALS_WRONG;
    } else if (span_is(credentials_header(action, "AuthType"), "MD5")) {
        result = credentials_check_key(session, action, user, credentials) ? CREDENTIALS_RIGHT : CREDENTIALS_WRONG;
    } else {
        result = credentials_check_secret(session, action, user, credentials);
    }
    free(session->challenge); // valid for one Login, right or wrong
    session->challenge = NULL;
    return result;
}

enum credentials_result credentials_finish(struct session *session, const struct message *action,
                                           const struct check *check, struct credentials *credentials)
{
    *credentials = (struct credentials){.counted = true};
    switch (check->verdict) {
    case CHECK_RIGHT:
        credentials->user = credentials_find_user(session, action, credentials);
        if (credentials->user != NULL && credentials->user->hashed &&
            strcmp(credentials->user->secret, check->hash) == 0)
            return CREDENTIALS_RIGHT;
        return credentials_begin(session, action, credentials);
    case CHECK_WRONG:
        credentials_find_user(session, action, credentials); // for the log
        return CREDENTIALS_WRONG;
    case CHECK_REFUSED:
        credentials->reason = LIMITED;
        return CREDENTIALS_LIMITED;
    case CHECK_BUSY:
        break;
    }
    credentials->reason = "too many logins wait to be checked";
    return CREDENTIALS_UNKNOWN;
}
