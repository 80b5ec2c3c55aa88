// plugins/http/origin.c: see origin.h.
#include "origin.h"

#include <string.h>

static bool is_host_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           (byte != '\0' && strchr(".-_", byte) != NULL);
}

static bool is_address_byte(char byte)
{
    return (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F') || (byte >= '0' && byte <= '9') ||
           byte == ':' || byte == '.';
}

bool origin_split_host(struct amp_bytes text, struct amp_bytes *name, struct amp_bytes *port)
{
    uint64_t number;
    bool bracketed = text.length > 0 && text.bytes[0] == '[';
    size_t i = bracketed ? 1 : 0;
    size_t start = i;
    while (i < text.length && (bracketed ? is_address_byte(text.bytes[i]) : is_host_byte(text.bytes[i])))
        i++;
    *name = (struct amp_bytes){text.bytes + start, i - start};
    *port = (struct amp_bytes){0};
    if (name->length == 0)
        return false;
    if (bracketed && (i == text.length || text.bytes[i++] != ']'))
        return false;
    if (i == text.length)
        return true;
    if (text.bytes[i++] != ':')
        return false;
    *port = (struct amp_bytes){text.bytes + i, text.length - i};
    return text_number(*port, 5, &number) && number <= 65535;
}

/** Splits `scheme://host[:port]`, with the default port. @return false: it is not an origin (`null`, or with a path) */
static bool split_origin(struct amp_bytes origin, bool *encrypted, struct amp_bytes *name, struct amp_bytes *port)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (int i = 0; i < 2; i++) {
        size_t length = strlen(schemes[i]);
        if (origin.length <= length || strncasecmp(origin.bytes, schemes[i], length) != 0)
            continue;
        *encrypted = i == 1;
        if (!origin_split_host((struct amp_bytes){origin.bytes + length, origin.length - length}, name, port))
            return false;
        if (port->length == 0)
            *port = text_of(*encrypted ? "443" : "80");
        return true;
    }
    return false;
}

bool origin_is_same(struct amp_bytes origin, struct amp_bytes host, bool encrypted)
{
    bool origin_encrypted;
    struct amp_bytes origin_name, origin_port, name, port;
    if (!split_origin(origin, &origin_encrypted, &origin_name, &origin_port) || !origin_split_host(host, &name, &port))
        return false;
    if (port.length == 0)
        port = text_of(encrypted ? "443" : "80");
    return origin_encrypted == encrypted && text_equals(origin_name, name) && text_equals(origin_port, port);
}

const char *origin_find(const char *const *origins, struct amp_bytes origin)
{
    for (; *origins != NULL; origins++) {
        if (text_is(origin, *origins))
            return *origins;
    }
    return NULL;
}

bool origin_is_named(const struct settings *settings, struct amp_bytes name)
{
    if (origin_find(settings->hosts, name) != NULL)
        return true;
    for (const char *const *origin = settings->origins; *origin != NULL; origin++) {
        bool encrypted;
        struct amp_bytes origin_name, port;
        if (split_origin(text_of(*origin), &encrypted, &origin_name, &port) && text_equals(origin_name, name))
            return true;
    }
    return false;
}

/** Returns the origin in a Referer: the part before path and query. split_origin() refuses a URL with a user, which a
 *  user agent must not send (RFC 9110, 10.1.3). */
static struct amp_bytes origin_of_referer(struct amp_bytes referer)
{
    const char *slashes = memmem(referer.bytes, referer.length, "://", 3);
    size_t end = slashes == NULL ? referer.length : (size_t)(slashes - referer.bytes) + 3;
    while (end < referer.length && memchr("/?#", referer.bytes[end], 3) == NULL)
        end++;
    return (struct amp_bytes){referer.bytes, end};
}

/** Is this the origin of the proxy's own page, or one of `origins`? */
static bool is_welcome(const struct request *request, const struct amp_session *session, struct amp_bytes origin)
{
    if (origin_find(settings_get()->origins, origin) != NULL)
        return true;
    return request->has_host && origin_is_same(origin, request->host, amp_session_is_encrypted(session));
}

/** Does a header show that the page of another site made the browser send the request? A repeated header counts as
 *  foreign, because no browser sends it, and programs differ in which one they read. */
static bool is_foreign(const struct request *request, const struct amp_session *session, bool is_listed)
{
    struct amp_bytes value;
    if (request_count(request, "Origin") > 1 || request_count(request, "Referer") > 1 ||
        request_count(request, "Sec-Fetch-Site") > 1)
        return true;
    if (request_find(request, "Origin", &value) && !is_welcome(request, session, value))
        return true;
    // RFC 9110, 10.1.3: a request without a referring page has no header, or `about:blank`.
    if (request_find(request, "Referer", &value) && value.length > 0 && !text_is(value, "about:blank") &&
        !is_welcome(request, session, origin_of_referer(value)))
        return true;
    return !is_listed && request_find(request, "Sec-Fetch-Site", &value) && !text_is(value, "same-origin") &&
           !text_is(value, "none");
}

int origin_check(const struct request *request, const struct amp_session *session, const char **listed,
                 const char **reason)
{
    const struct settings *settings = settings_get();
    struct amp_bytes origin, name, port;
    *listed = NULL;
    if (request->has_host && !origin_split_host(request->host, &name, &port)) {
        *reason = "Malformed Host header";
        return 400;
    }
    if (request_find(request, "Origin", &origin) && request_count(request, "Origin") == 1)
        *listed = origin_find(settings->origins, origin);
    if (request->has_host && !amp_session_is_host(session, name) && !origin_is_named(settings, name)) {
        *reason = "This host is not served here: see `hosts` in the configuration";
        return 403;
    }
    *reason = "Requests of other sites' pages are refused: see `origins` in the configuration";
    if (!is_foreign(request, session, *listed != NULL))
        return 0;
    *listed = NULL; // the page may not read the refusal
    return 403;
}

bool origin_is_browser(const struct request *request)
{
    static const char agent[] = "Mozilla/", fetch[] = "Sec-Fetch-";
    for (unsigned i = 0; i < request->header_count; i++) {
        struct amp_bytes name = request->headers[i].name, value = text_trim(request->headers[i].value);
        if (text_is(name, "Origin") ||
            (name.length > sizeof fetch - 1 && strncasecmp(name.bytes, fetch, sizeof fetch - 1) == 0))
            return true;
        if (text_is(name, "User-Agent") && value.length >= sizeof agent - 1 &&
            strncasecmp(value.bytes, agent, sizeof agent - 1) == 0)
            return true;
    }
    return false;
}
