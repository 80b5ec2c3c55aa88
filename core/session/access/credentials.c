// core/session/access/credentials.c: see credentials.h.
#include "session/access/credentials.h"

#include "auth/hash.h"
#include "base/clock.h"
#include "session/connection/set.h"

#include <string.h>

#define CHALLENGE_LIFE_MS 30000
#define LIMITED "too many failures from this address"

static struct span header_of(const struct message *message, const char *name)
{
    struct span value;

    message_find(message, name, &value);
    return value;
}

struct failures_key proof_key(const struct session *session, const struct message *action)
{
    return failures_key(session->sessions->link.failures, session->address, header_of(action, "Username"));
}

static bool is_refused(const struct session *session, const struct message *action)
{
    struct failures_key key = proof_key(session, action);

    return failures_is_refused(session->sessions->link.failures, &key, clock_ms());
}

/** The user that the action names, if he may log in from there. */
static const struct user_config *find_user(const struct session *session, const struct message *action,
                                           struct proof *proof)
{
    static const struct network_list nobody = {0};
    const struct user_config *user = config_find_user(session->config, header_of(action, "Username"));

    if (user == NULL || address_rules_admit(&user->address, &nobody, session->address))
        return user;
    proof->reason = "the user may not log in from this address";
    return NULL;
}

/** A plain secret to compare with: the user's, or one of nobody's that takes as long. */
static struct span plain_secret(const struct user_config *user)
{
    return user != NULL && !user->hashed ? span_of(user->secret) : span_of("no such user");
}

static bool is_key_right(struct session *session, const struct message *action, const struct user_config *user,
                         struct proof *proof)
{
    bool usable = session->challenge_ms != 0 && clock_ms() - session->challenge_ms <= CHALLENGE_LIFE_MS;
    char expected[DIGEST_KEY_SIZE];
    bool equal;

    digest_key(session->challenge, plain_secret(user), expected);
    equal = digest_equals(span_of(expected), header_of(action, "Key"));
    if (user != NULL && user->hashed)
        proof->reason = "the user's secret is a hash: an MD5 key cannot be compared with it, only Secret can";
    return equal && usable && user != NULL && !user->hashed;
}

static bool is_phrase(struct span secret)
{
    return secret.length > 0 && secret.length <= HASH_PHRASE_BYTES && memchr(secret.bytes, '\0', secret.length) == NULL;
}

/** @param user  NULL: nobody */
static enum proof_result prove_secret(struct session *session, const struct message *action,
                                      const struct user_config *user)
{
    bool hashed = user != NULL && user->hashed;
    const char *hash = hashed ? user->secret : session->config->auth.usual_hash;
    struct span given = header_of(action, "Secret");
    struct sessions *sessions = session->sessions;
    struct failures_key key = proof_key(session, action);

    if (digest_equals(plain_secret(user), given) && user != NULL && !hashed && given.length > 0)
        return PROOF_RIGHT;
    if (hash == NULL || !is_phrase(given))
        return PROOF_WRONG;
    session->check = check_create(session->handle, given, hash, !hashed, session->address, &key);
    session->check->session_id = session->id;
    sessions->link.verify(sessions->link.context, session->check);
    return PROOF_PENDING;
}

enum proof_result proof_begin(struct session *session, const struct message *action, struct proof *proof)
{
    const struct user_config *user;
    enum proof_result result;

    *proof = (struct proof){0};
    user = find_user(session, action, proof);
    proof->user = user;
    if (is_refused(session, action)) {
        proof->reason = LIMITED;
        result = PROOF_LIMITED;
    } else if (span_is(header_of(action, "AuthType"), "MD5")) {
        result = is_key_right(session, action, user, proof) ? PROOF_RIGHT : PROOF_WRONG;
    } else {
        result = prove_secret(session, action, user);
    }
    session->challenge_ms = 0; // used once, right or wrong
    return result;
}

enum proof_result proof_finish(struct session *session, const struct message *action, const struct check *check,
                               struct proof *proof)
{
    *proof = (struct proof){.counted = true};
    switch (check->verdict) {
    case CHECK_RIGHT:
        proof->user = find_user(session, action, proof);
        if (proof->user != NULL && proof->user->hashed && strcmp(proof->user->secret, check->hash) == 0)
            return PROOF_RIGHT;
        return proof_begin(session, action, proof);
    case CHECK_WRONG:
        find_user(session, action, proof); // for the log
        return PROOF_WRONG;
    case CHECK_REFUSED:
        proof->reason = LIMITED;
        return PROOF_LIMITED;
    case CHECK_BUSY:
        break;
    }
    proof->reason = "too many logins wait for their turn";
    return PROOF_UNKNOWN;
}
