// contrib/ampctl/target.c: see target.h.
#include "target.h"

#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_PORT "1234"

static bool set_unix(struct target *target, const char *path, struct error *err)
{
    struct sockaddr_un address;

    target->is_unix = true;
    if (path[0] != '/' || strlen(path) >= sizeof address.sun_path)
        return error_set(err, "expected unix: and an absolute path of at most %zu bytes; found \"unix:%s\"",
                         sizeof address.sun_path - 1, path);
    snprintf(target->host, sizeof target->host, "%s", path);
    snprintf(target->shown, sizeof target->shown, "unix:%s", path);
    return true;
}

bool target_control(struct target *target, const char *path, struct error *err)
{
    *target = (struct target){.is_unix = true};
    return set_unix(target, path, err);
}

static void target_show(struct target *target)
{
    bool literal = strchr(target->host, ':') != NULL;

    snprintf(target->shown, sizeof target->shown, "%s%.255s%s:%.7s", literal ? "[" : "", target->host,
             literal ? "]" : "", target->port);
}

static bool set_port(struct target *target, const char *text)
{
    uint64_t port;

    if (!span_number(span_of(text), 1, 65535, &port))
        return false;
    snprintf(target->port, sizeof target->port, "%" PRIu64, port);
    return true;
}

/** Reads HOST:PORT, [ADDRESS]:PORT, HOST, an IPv6 address alone, or unix:PATH. */
static bool read_connect(struct target *target, const char *text, struct error *err)
{
    const char *colon = strrchr(text, ':'), *host = text, *port = DEFAULT_PORT;
    size_t length = strlen(text);

    if (strncmp(text, "unix:", 5) == 0)
        return set_unix(target, text + 5, err);
    if (text[0] == '[') {
        const char *close = strchr(text, ']');
        if (close == NULL || (close[1] != '\0' && close[1] != ':'))
            return error_set(err, "option --connect: expected [ADDRESS]:PORT; found \"%s\"", text);
        host = text + 1;
        length = (size_t)(close - host);
        port = close[1] == ':' ? close + 2 : port;
    } else if (colon != NULL && strchr(text, ':') == colon) {
        length = (size_t)(colon - text);
        port = colon + 1;
    }
    if (length == 0 || length >= sizeof target->host || text_has_control(text))
        return error_set(err, "option --connect: expected HOST:PORT or unix:/path; found \"%s\"", text);
    snprintf(target->host, sizeof target->host, "%.*s", (int)length, host);
    if (!set_port(target, port))
        return error_set(err, "option --connect: expected a port from 1 to 65535; found \"%s\"", port);
    target_show(target);
    return true;
}

// --- listeners --------------------------------------------------------------------------------------------------

static bool is_any(const char *address)
{
    return strcmp(address, "*") == 0 || strcmp(address, "0.0.0.0") == 0 || strcmp(address, "::") == 0;
}

static bool speaks_ami(const struct listen_config *listen)
{
    return strcmp(listen->input, "auto") == 0 || strcmp(listen->input, "standard") == 0;
}

/** Ranks a listener, higher is better: local ones, and those that need no certificate, come first. */
static int listener_rank(const struct listen_config *listen)
{
    bool is_unix = strncmp(listen->address, "unix:", 5) == 0;
    bool loopback = strncmp(listen->address, "127.", 4) == 0 || strcmp(listen->address, "::1") == 0 ||
                    strcmp(listen->address, "localhost") == 0;
    int near = is_unix ? 3 : loopback ? 2 : is_any(listen->address) ? 1 : 0;

    return near + (listen->tls == TLS_REQUIRED ? 0 : 4) + (is_unix || listen->port != 0 ? 8 : 0);
}

/** Does `name` name that listener: by address, by address:port, or by its place, counted from 1? */
static bool is_named(const struct listen_config *listen, size_t index, const char *name)
{
    char text[512];

    snprintf(text, sizeof text, "%zu", index + 1);
    if (strcmp(name, text) == 0 || strcmp(name, listen->address) == 0)
        return true;
    snprintf(text, sizeof text, strchr(listen->address, ':') != NULL ? "[%s]:%u" : "%s:%u", listen->address,
             listen->port);
    return strcmp(name, text) == 0;
}

static const struct listen_config *choose_listener(const struct config *config, const char *name, struct error *err)
{
    const struct listen_config *best = NULL;
    bool named = false;

    for (size_t i = 0; i < config->listen_count; i++) {
        const struct listen_config *listen = &config->listen[i];
        if (name != NULL && !is_named(listen, i, name))
            continue;
        named = true;
        if (speaks_ami(listen) && (best == NULL || listener_rank(listen) > listener_rank(best)))
            best = listen;
    }
    if (best == NULL && name != NULL && !named)
        error_set(err, "%s has no listener \"%s\": expected its address, address:port or place from 1", config->path,
                  name);
    else if (best == NULL)
        error_set(err, "%s: %s speaks AMI (input: auto or standard)", config->path,
                  name != NULL ? "that listener is none that" : "no listener");
    return best;
}

static bool use_listener(struct target *target, const struct config *config, const char *name, struct error *err)
{
    const struct listen_config *listen = choose_listener(config, name, err);

    if (listen == NULL)
        return false;
    target->tls = target->tls || listen->tls == TLS_REQUIRED;
    if (strncmp(listen->address, "unix:", 5) == 0)
        return set_unix(target, listen->address + 5, err);
    if (listen->port == 0)
        return error_set(err, "%s: the listener %s takes any free port: say where it is with --connect", config->path,
                         listen->address);
    snprintf(target->host, sizeof target->host, "%s",
             strcmp(listen->address, "::") == 0 ? "::1"
             : is_any(listen->address)          ? "127.0.0.1"
                                                : listen->address);
    snprintf(target->port, sizeof target->port, "%u", listen->port);
    target_show(target);
    return true;
}

bool target_find(struct target *target, const struct ctl_options *options, const struct config *config,
                 struct error *err)
{
    bool found;

    *target = (struct target){.tls = options->tls,
                              .verify = !options->insecure,
                              .ca_file = options->ca_file,
                              .cert = options->cert,
                              .key = options->key};
    found = options->connect != NULL ? read_connect(target, options->connect, err)
                                     : use_listener(target, config, options->listener, err);
    if (!found)
        return false;
    snprintf(target->tls_name, sizeof target->tls_name, "%s",
             options->tls_name != NULL ? options->tls_name
             : target->is_unix         ? "localhost"
                                       : target->host);
    if (!target->tls && (options->ca_file != NULL || options->tls_name != NULL || options->cert != NULL))
        return error_set(
            err, "options --ca, --tls-name and --cert are for encrypted connections: expected --tls beside them");
    return true;
}
