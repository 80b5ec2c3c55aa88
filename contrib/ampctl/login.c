// contrib/ampctl/login.c: see login.h.
#include "login.h"

#include "ami/digest.h"
#include "base/memory.h"
#include "request.h"

#include <stdlib.h>
#include <string.h>

static void begin_login(struct message_builder *builder, const char *user, const char *id)
{
    request_begin(builder, "Action", "Login", id);
    message_add(builder, span_of("Username"), span_of(user));
    message_addf(builder, "Events", "off");
}

static enum ctl_exit login_plain(struct connection *connection, const char *user, const struct secret *secret,
                                 uint64_t timeout_ms, struct error *err)
{
    struct message_builder builder;
    char id[REQUEST_ID];

    request_id(id);
    begin_login(&builder, user, id);
    message_add(&builder, span_of("Secret"), span_of(secret->text));
    return request_ask(connection, &builder, id, timeout_ms, NULL, err);
}

static enum ctl_exit login_by_challenge(struct connection *connection, const char *user, const struct secret *secret,
                                        uint64_t timeout_ms, struct error *err)
{
    struct message_builder builder;
    struct message *answer;
    struct span challenge;
    char id[REQUEST_ID], key[DIGEST_KEY_SIZE], *text;
    enum ctl_exit code;

    request_id(id);
    request_begin(&builder, "Action", "Challenge", id);
    message_addf(&builder, "AuthType", "MD5");
    code = request_ask(connection, &builder, id, timeout_ms, &answer, err);
    if (code != CTL_OK)
        return code;
    message_find(answer, "Challenge", &challenge);
    text = memory_text_of(challenge.bytes != NULL ? challenge.bytes : "", challenge.length);
    digest_key(text, span_of(secret->text), key);
    free(text);
    message_unref(answer);
    request_id(id);
    begin_login(&builder, user, id);
    message_addf(&builder, "AuthType", "MD5");
    message_addf(&builder, "Key", "%s", key);
    return request_ask(connection, &builder, id, timeout_ms, NULL, err);
}

bool login_has_another_way(const struct connection *connection, const struct secret *secret)
{
    return !secret->hashed && !secret->plain && !connection_is_encrypted(connection) &&
           connection_is_private(connection);
}

enum ctl_exit login_as(struct connection *connection, const char *user, const struct secret *secret, bool other_way,
                       uint64_t timeout_ms, struct error *err)
{
    struct error reason = {""};
    bool send_secret = secret->hashed || (other_way && login_has_another_way(connection, secret));
    enum ctl_exit code;

    if (connection_is_encrypted(connection) || (send_secret && connection_is_private(connection))) {
        code = login_plain(connection, user, secret, timeout_ms, &reason);
    } else if (secret->hashed) {
        error_set(err, "the secret of %s is kept as a hash, so it would be sent in clear: use --tls", user);
        return CTL_LOST;
    } else {
        code = login_by_challenge(connection, user, secret, timeout_ms, &reason);
    }
    if (code == CTL_REFUSED)
        error_set(err, "cannot log in as %s: %s", user, reason.text);
    else if (code != CTL_OK)
        *err = reason;
    return code == CTL_OK || code == CTL_REFUSED ? code : CTL_LOST;
}

enum ctl_exit login_by_key(struct connection *connection, const struct secret *key, uint64_t timeout_ms,
                           struct error *err)
{
    struct message_builder builder;
    struct error reason = {""};
    char id[REQUEST_ID];
    enum ctl_exit code;

    if (!connection_is_private(connection)) {
        error_set(err, "the ProxyKey would be sent in clear: use --tls");
        return CTL_LOST;
    }
    request_id(id);
    request_begin(&builder, "Action", "Ping", id);
    message_add(&builder, span_of("ProxyKey"), span_of(key->text));
    code = request_ask(connection, &builder, id, timeout_ms, NULL, &reason);
    if (code == CTL_REFUSED)
        error_set(err, "cannot log in by the ProxyKey: %s", reason.text);
    else if (code != CTL_OK)
        *err = reason;
    return code;
}
