// base/url.c: see url.h. RFC 3986 3: scheme, authority, path. Names are ASCII: others are written as xn--….
#include "base/url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LONGEST 2000
#define LONGEST_NAME 253 // RFC 1035 2.3.4

/** Are all bytes such that they may stand in a URL? */
static bool url_is_clean(const char *url)
{
    for (; *url != '\0'; url++) {
        unsigned char byte = (unsigned char)*url;
        if (byte <= ' ' || byte >= 0x7f || strchr("\"<>\\^`{|}", byte) != NULL)
            return false;
    }
    return true;
}

/** Is it a name, or an address without brackets? */
static bool url_is_name(struct span host)
{
    for (size_t i = 0; i < host.length; i++) {
        if (!isalnum((unsigned char)host.bytes[i]) && strchr(".-_", host.bytes[i]) == NULL)
            return false;
    }
    return host.length > 0 && host.length <= LONGEST_NAME;
}

static bool url_is_ipv6(struct span host)
{
    unsigned char bytes[16];
    char text[INET6_ADDRSTRLEN];

    if (host.length >= sizeof text)
        return false;
    memcpy(text, host.bytes, host.length);
    text[host.length] = '\0';
    return inet_pton(AF_INET6, text, bytes) == 1;
}

/** @param rest  what follows the host: nothing, or a colon and a port */
static const char *url_port_fault(struct span rest)
{
    uint64_t port;

    if (rest.length == 0)
        return NULL;
    if (rest.bytes[0] != ':' || !span_number((struct span){rest.bytes + 1, rest.length - 1}, 1, 65535, &port))
        return "a URL whose port is a number from 1 to 65535";
    return NULL;
}

const char *url_authority_fault(struct span authority)
{
    const char *end;
    size_t length;

    if (authority.length > 0 && memchr(authority.bytes, '@', authority.length) != NULL)
        return "a URL without a user or password in it";
    if (authority.length > 0 && authority.bytes[0] == '[') {
        end = memchr(authority.bytes, ']', authority.length);
        length = end == NULL ? 0 : (size_t)(end - authority.bytes) + 1;
        if (end == NULL || !url_is_ipv6((struct span){authority.bytes + 1, length - 2}))
            return "a URL with an IPv6 address in its brackets";
    } else {
        end = authority.length == 0 ? NULL : memchr(authority.bytes, ':', authority.length);
        length = end == NULL ? authority.length : (size_t)(end - authority.bytes);
        if (!url_is_name((struct span){authority.bytes, length}))
            return "a URL with the name or address of a host";
    }
    return url_port_fault((struct span){authority.bytes + length, authority.length - length});
}

const char *url_fault(const char *url)
{
    size_t scheme = strncasecmp(url, "http://", 7) == 0 ? 7 : strncasecmp(url, "https://", 8) == 0 ? 8 : 0;

    if (scheme == 0)
        return "a URL that begins with https:// or http://";
    if (strlen(url) > LONGEST)
        return "a URL of at most 2000 bytes";
    if (!url_is_clean(url))
        return "a URL whose blanks and special characters are percent-encoded";
    if (strchr(url, '#') != NULL)
        return "a URL without a fragment (#…)";
    return url_authority_fault((struct span){url + scheme, strcspn(url + scheme, "/?")});
}

/** Returns what stands between the scheme and the path. */
static struct span url_authority(const char *url)
{
    const char *start = strstr(url, "://") + 3;

    return (struct span){start, strcspn(start, "/?")};
}

const char *url_origin(const char *url, char origin[URL_ORIGIN_SIZE])
{
    bool secure = strncasecmp(url, "https", 5) == 0;
    struct span authority = url_authority(url);
    const char *bracket = memchr(authority.bytes, ']', authority.length);
    size_t host = bracket == NULL ? 0 : (size_t)(bracket - authority.bytes);
    const char *colon = memchr(authority.bytes + host, ':', authority.length - host);
    uint64_t port = secure ? 443 : 80;

    if (colon != NULL) {
        size_t length = (size_t)(colon - authority.bytes);
        (void)span_number((struct span){colon + 1, authority.length - length - 1}, 1, 65535, &port);
        authority.length = length;
    }
    snprintf(origin, URL_ORIGIN_SIZE, "%s://%.*s:%u", secure ? "https" : "http", (int)authority.length, authority.bytes,
             (unsigned)port);
    for (char *at = origin; *at != '\0'; at++)
        *at = (char)tolower((unsigned char)*at);
    return origin;
}

bool url_is_origin(const char *url)
{
    struct span authority = url_authority(url);
    const char *rest = authority.bytes + authority.length;

    return rest[0] == '\0' || strcmp(rest, "/") == 0;
}
