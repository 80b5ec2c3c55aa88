// plugins/http/ajam_digest.c: see ajam_digest.h. The digest is checked before its nonce. Only a client that knows the
// secret is told that the nonce is stale (RFC 2617, 3.3); others are told that the credentials are wrong.
#include "ajam_digest.h"

#include "ajam_session.h"

#include <stdlib.h>
#include <string.h>

#define REFUSAL_DELAY_MS 1000 // as for a Login that fails

static bool digest_is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

static void digest_skip(struct amp_bytes *rest, bool commas)
{
    while (rest->length > 0 && (digest_is_blank(rest->bytes[0]) || (commas && rest->bytes[0] == ',')))
        *rest = (struct amp_bytes){rest->bytes + 1, rest->length - 1};
}

static struct amp_bytes digest_take_token(struct amp_bytes *rest)
{
    struct amp_bytes token = {rest->bytes, 0};
    while (token.length < rest->length && text_is_token_byte(rest->bytes[token.length]))
        token.length++;
    *rest = (struct amp_bytes){rest->bytes + token.length, rest->length - token.length};
    return token;
}

/** Takes a quoted text, without its quotes and backslashes. @param out  has room for it @return false: the quotes do
 *  not end */
static bool digest_take_quoted(struct amp_bytes *rest, struct buffer *out, struct amp_bytes *value)
{
    size_t i = 1, start = out->length;
    for (; i < rest->length && rest->bytes[i] != '"'; i++) {
        i += rest->bytes[i] == '\\' && i + 1 < rest->length;
        buffer_add(out, rest->bytes + i, 1);
    }
    if (i >= rest->length)
        return false;
    *value = (struct amp_bytes){out->length == start ? "" : out->bytes + start, out->length - start};
    *rest = (struct amp_bytes){rest->bytes + i + 1, rest->length - i - 1};
    return true;
}

/** Finds the field of that name. @return NULL: a field that does not matter here */
static struct amp_bytes *digest_field(struct ajam_digest *digest, struct amp_bytes name)
{
    const struct {
        const char *name;
        struct amp_bytes *field;
    } fields[] = {{"username", &digest->user},
                  {"realm", &digest->realm},
                  {"nonce", &digest->nonce},
                  {"uri", &digest->uri},
                  {"qop", &digest->qop},
                  {"response", &digest->response},
                  {"algorithm", &digest->algorithm},
                  {"nc", &digest->nc},
                  {"cnonce", &digest->cnonce},
                  {"opaque", &digest->opaque}};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (text_is(name, fields[i].name))
            return fields[i].field;
    }
    return NULL;
}

/** Reads one field. @return false: it is not `name=value`, or occurs twice */
static bool digest_read_field(struct ajam_digest *digest, struct amp_bytes *rest)
{
    struct amp_bytes name = digest_take_token(rest), value, *field = digest_field(digest, name);
    digest_skip(rest, false);
    if (name.length == 0 || rest->length == 0 || rest->bytes[0] != '=' || (field != NULL && field->bytes != NULL))
        return false;
    *rest = (struct amp_bytes){rest->bytes + 1, rest->length - 1};
    digest_skip(rest, false);
    if (rest->length == 0 || rest->bytes[0] != '"')
        value = digest_take_token(rest);
    else if (!digest_take_quoted(rest, &digest->text, &value))
        return false;
    digest_skip(rest, false);
    if (field != NULL)
        *field = value;
    return rest->length == 0 || rest->bytes[0] == ',';
}

static bool digest_is_hex(struct amp_bytes text, size_t least, size_t most)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text_hex_digit(text.bytes[i]) < 0)
            return false;
    }
    return text.length >= least && text.length <= most;
}

bool ajam_digest_read(struct ajam_digest *digest, struct amp_bytes header)
{
    struct amp_bytes scheme = {0};
    *digest = (struct ajam_digest){0};
    text_next(&header, ' ', &scheme);
    if (!text_is(scheme, "Digest"))
        return false;
    digest->text.bytes = malloc(header.length + 1);
    if (digest->text.bytes == NULL)
        return false;
    digest->text.capacity = header.length + 1; // so that it does not grow: fields point into it
    for (digest_skip(&header, true); header.length > 0; digest_skip(&header, true)) {
        if (!digest_read_field(digest, &header))
            return false;
    }
    if (digest->user.length == 0 || digest->realm.length == 0 || digest->nonce.length == 0 || digest->uri.length == 0 ||
        !digest_is_hex(digest->response, 32, 32))
        return false;
    if (digest->algorithm.length > 0 && !text_is(digest->algorithm, "MD5"))
        return false;
    if (digest->qop.length > 0)
        return text_is(digest->qop, "auth") && digest_is_hex(digest->nc, 1, 8) && digest->cnonce.length > 0;
    digest->nc = digest->cnonce = (struct amp_bytes){0}; // of RFC 2069, which has none
    return true;
}

void ajam_digest_fini(struct ajam_digest *digest)
{
    buffer_wipe(&digest->text);
    *digest = (struct ajam_digest){0};
}

// --- at a connection --------------------------------------------------------------------------------------------

/** Is `uri` the target of the request? It may begin with a scheme and a host. */
static bool digest_is_of(const struct request *request, struct amp_bytes uri)
{
    size_t length = request->path_length + (request->query == NULL ? 0 : 1 + request->query_length);
    const char *slashes = uri.bytes[0] == '/' ? NULL : memmem(uri.bytes, uri.length, "://", 3);
    if (slashes != NULL) {
        const char *path = memchr(slashes + 3, '/', uri.length - (size_t)(slashes + 3 - uri.bytes));
        if (path == NULL)
            return false;
        uri = (struct amp_bytes){path, uri.length - (size_t)(path - uri.bytes)};
    }
    return uri.length == length && memcmp(uri.bytes, request->path, length) == 0;
}

static void digest_add(struct buffer *out, struct amp_bytes field)
{
    buffer_add(out, field.bytes, field.length);
    buffer_add(out, "", 1);
}

/** Accepts the request: its digest is right, whatever its nonce is. @return false: the client is sent another nonce */
static bool digest_accept(struct connection *connection, const struct amp_digest *digest, struct amp_bytes opaque)
{
    struct ajam_call *call = connection->ajam;
    bool is_ours = ajam_nonce_read(digest->nonce, &call->nonce);
    if (!is_ours || (opaque.length > 0 && !text_equals(opaque, digest->nonce))) {
        ajam_challenge(connection, NULL, true);
        return false;
    }
    ajam_nonce_key(&call->nonce, &call->key);
    digest_add(&call->digest, digest->user);
    digest_add(&call->digest, digest->method);
    digest_add(&call->digest, digest->uri);
    digest_add(&call->digest, digest->nonce);
    digest_add(&call->digest, digest->nc);
    digest_add(&call->digest, digest->cnonce);
    digest_add(&call->digest, digest->response);
    return true;
}

/** Refuses a wrong digest, a second later. */
static void digest_delay(struct connection *connection)
{
    connection->ajam->refused = true;
    request_destroy(connection->request);
    connection->request = NULL;
    connection->state = CONNECTION_AJAM;
    amp_session_set_timer(connection->session, REFUSAL_DELAY_MS);
}

static bool digest_check(struct connection *connection, const struct ajam_digest *said)
{
    static const char *const methods[] = {[REQUEST_GET] = "GET", [REQUEST_HEAD] = "HEAD", [REQUEST_POST] = "POST"};
    struct amp_digest digest = {.size = sizeof digest,
                                .user = said->user,
                                .realm = text_of(AJAM_REALM),
                                .method = text_of(methods[connection->request->method]),
                                .uri = said->uri,
                                .nonce = said->nonce,
                                .nc = said->nc,
                                .cnonce = said->cnonce,
                                .response = said->response};
    if (!digest_is_of(connection->request, said->uri)) {
        ajam_page(connection, 400, "Bad Request", "The digest is of another request");
        return false;
    }
    switch (amp_session_check_digest(connection->session, &digest)) {
    case AMP_REASON_NONE:
        return digest_accept(connection, &digest, said->opaque);
    case AMP_REASON_DENIED:
        ajam_page(connection, 403, "Permission denied", "Permission denied");
        return false;
    case AMP_REASON_TOO_MANY:
        ajam_page(connection, 429, "Too Many Requests", "Too many failed logins, please try again in a minute");
        return false;
    default:
        digest_delay(connection);
        return false;
    }
}

bool ajam_digest_authenticate(struct connection *connection)
{
    struct request *request = connection->request;
    struct ajam_digest said = {0};
    struct amp_bytes header;
    bool accepted = false;
    if (request_count(request, "Authorization") != 1 || !request_find(request, "Authorization", &header) ||
        !ajam_digest_read(&said, header) || !text_equals(said.realm, text_of(AJAM_REALM)))
        ajam_challenge(connection, NULL, false);
    else
        accepted = digest_check(connection, &said);
    ajam_digest_fini(&said);
    return accepted;
}
