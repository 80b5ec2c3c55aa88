// core/session/access/http_digest.c: see http_digest.h; and the functions of plugins for digests
// (astmanproxy/plugin.h).
#include "session/access/http_digest.h"

#include "session/access/login.h"
#include "session/client/due.h"
#include "session/client/publish.h"
#include "session/client/set.h"

#define SIZE_OF_FIRST (offsetof(struct amp_digest, response) + sizeof(struct amp_bytes))

static struct span span_lent(struct amp_bytes bytes)
{
    return (struct span){bytes.length == 0 ? "" : bytes.bytes, bytes.length};
}

/** Writes what the client's response to a digest must be (RFC 2617, 3.2.2). */
static void digest_expected(const struct amp_digest *digest, struct span secret, char expected[DIGEST_KEY_SIZE])
{
    char user[DIGEST_KEY_SIZE], request[DIGEST_KEY_SIZE];
    const struct span first[] = {span_lent(digest->user), span_lent(digest->realm), secret},
                      second[] = {span_lent(digest->method), span_lent(digest->uri)};

    digest_joined(first, 3, user);
    digest_joined(second, 2, request);
    const struct span old[] = {span_of(user), span_lent(digest->nonce), span_of(request)},
                      all[] = {span_of(user),         span_lent(digest->nonce),
                               span_lent(digest->nc), span_lent(digest->cnonce),
                               span_of("auth"),       span_of(request)};
    if (digest->nc.length == 0)
        digest_joined(old, 3, expected);
    else
        digest_joined(all, 6, expected);
    explicit_bzero(user, sizeof user);
}

bool http_digest_is_of(const struct amp_digest *digest, struct span secret)
{
    char expected[DIGEST_KEY_SIZE], given[DIGEST_KEY_SIZE] = "";
    bool equal;

    for (size_t i = 0; i < digest->response.length && digest->response.length < sizeof given; i++) {
        char byte = digest->response.bytes[i];
        given[i] = (char)(byte >= 'A' && byte <= 'F' ? byte - 'A' + 'a' : byte);
    }
    digest_expected(digest, secret, expected);
    equal = digest_equals(span_of(expected), span_of(given));
    explicit_bzero(expected, sizeof expected);
    return equal;
}

/** Makes the Login that a digest stands for, for logs and counts of failures. @return one reference */
static struct message *digest_action(const struct amp_digest *digest)
{
    struct message_builder action;

    message_builder_init(&action);
    message_addf(&action, "Action", "Login");
    message_add(&action, span_of("Username"), (struct span){digest->user.bytes, digest->user.length});
    return message_build(&action);
}

static bool digest_is_complete(struct session *session, const struct amp_digest *digest, const char *what)
{
    if (session_is_dead(session))
        return false;
    if (digest != NULL && digest->size >= SIZE_OF_FIRST && (digest->user.bytes != NULL || digest->user.length == 0))
        return true;
    session_plugin_failed(session, session->format.input, what);
    return false;
}

enum amp_reason amp_session_check_digest(struct amp_session *handle, const struct amp_digest *digest)
{
    struct session *session = (struct session *)handle;
    struct credentials credentials;
    struct message *action;
    enum credentials_result result;

    if (!digest_is_complete(session, digest, "amp_session_check_digest() without a digest"))
        return AMP_REASON_UNKNOWN_USER;
    action = digest_action(digest);
    session->digest = digest;
    result = credentials_begin(session, action, &credentials);
    session->digest = NULL;
    if (result == CREDENTIALS_RIGHT) {
        login_count_success(session, action);
        publish_vouch(session);
    } else
        login_count_failure(session, action, result, &credentials);
    message_unref(action);
    if (result == CREDENTIALS_RIGHT)
        return AMP_REASON_NONE;
    if (credentials.elsewhere)
        return AMP_REASON_DENIED;
    return result == CREDENTIALS_LIMITED ? AMP_REASON_TOO_MANY : AMP_REASON_UNKNOWN_USER;
}

void amp_session_log_in_digest(struct amp_session *handle, const struct amp_digest *digest)
{
    struct session *session = (struct session *)handle;
    struct message *action;

    if (!digest_is_complete(session, digest, "amp_session_log_in_digest() without a digest"))
        return;
    action = digest_action(digest);
    session->digest = digest;
    login_login(session, action);
    session->digest = NULL;
    message_unref(action);
    sessions_mark_dirty(session);
}
