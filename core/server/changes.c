// core/server/changes.c: adds and drops servers while the program runs: AddServer, DropServer, a reload.
#include "server/server.h"

#include "base/memory.h"
#include "config/values.h"
#include "net/tls.h"

#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/** Makes the TLS context for connections to that server. @param tls  set to one reference; NULL: no encryption */
static bool read_tls(const struct config *config, const struct server_config *server, struct tls_context **tls,
                     struct error *err)
{
    *tls = NULL;
    if (server->tls == SERVER_TLS_OFF)
        return true;
    *tls = tls_context_for_server(server->tls == SERVER_TLS_VERIFY, server->ca_file,
                                  config->tls.min_version == TLS_VERSION_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION, err);
    return *tls != NULL;
}

bool servers_reload_tls(struct servers *servers, struct error *err)
{
    bool all = true;

    for (size_t i = 0; i < servers->count; i++) {
        struct tls_context *fresh;
        if (!read_tls(servers->config, servers->list[i]->config, &fresh, err)) {
            all = false;
            continue;
        }
        tls_context_unref(servers->list[i]->tls);
        servers->list[i]->tls = fresh;
    }
    return all;
}

bool servers_check(const struct config *config, struct error *err)
{
    for (size_t i = 0; i < config->server_count; i++) {
        struct tls_context *tls;
        if (!read_tls(config, &config->servers[i], &tls, err))
            return false;
        tls_context_unref(tls);
    }
    return true;
}

// --- AddServer, DropServer --------------------------------------------------------------------------------------

/** Copies the value of a header. @return NULL: it is absent, empty, too long or has control characters */
static char *text_of(const struct message *arguments, const char *name)
{
    struct span value;

    if (!message_find(arguments, name, &value) || value.length == 0 || value.length > 120 || value_has_control(value))
        return NULL;
    return memory_text_of(value.bytes, value.length);
}

static void add_server(struct servers *servers, struct server *server)
{
    servers->list = memory_grow(servers->list, (servers->count + 1) * sizeof(struct server *));
    servers->list[servers->count++] = server;
}

bool servers_add(struct servers *servers, const struct message *arguments, struct error *err)
{
    struct server_config *config = memory_zero(1, sizeof *config);
    char *port = text_of(arguments, "Port");
    uint64_t number = 0;
    struct server *server;
    bool complete;

    config->host = text_of(arguments, "Server");
    config->name = text_of(arguments, "Server");
    config->username = text_of(arguments, "Username");
    config->secret = text_of(arguments, "Secret");
    config->events = text_of(arguments, "Events");
    config->lanes = 4;
    config->ping_interval_ms = SERVER_PING_INTERVAL_MS;
    complete = config->host != NULL && config->username != NULL && config->secret != NULL && config->events != NULL &&
               port != NULL && span_number(span_of(port), 1, 65535, &number);
    config->port = (uint16_t)number;
    free(port);
    if (complete && servers_find(servers, config->name) == NULL) {
        server = server_create(servers, NULL, config, false);
        server->added = config;
        add_server(servers, server);
        log_info(&server->log, "server added host=%s port=%u", config->host, config->port);
        servers_tell_state(servers);
        return true;
    }
    error_set(err, complete ? "there is a server of that name" : "expected Server, Port, Username, Secret and Events");
    server_free_config(config);
    return false;
}

/** Copies the value of a header, or makes an empty text. */
static char *text_or_empty(const struct message *arguments, const char *name)
{
    char *text = text_of(arguments, name);

    return text != NULL ? text : memory_text("");
}

void servers_add_elsewhere(struct servers *servers, const struct message *facts)
{
    struct server_config *config = memory_zero(1, sizeof *config);
    struct server *server;
    struct span port;
    uint64_t number = 0;

    config->name = text_of(facts, "Name");
    if (config->name == NULL || servers_find(servers, config->name) != NULL) {
        server_free_config(config);
        return;
    }
    config->host = text_or_empty(facts, "Host");
    config->username = text_or_empty(facts, "User");
    config->events = text_or_empty(facts, "Events");
    config->secret = memory_text("");
    config->lanes = 1;
    config->ping_interval_ms = SERVER_PING_INTERVAL_MS;
    if (message_find(facts, "Port", &port))
        (void)span_number(port, 0, 65535, &number);
    config->port = (uint16_t)number;
    server = server_create(servers, NULL, config, true);
    server->added = config;
    add_server(servers, server);
    log_info(&server->log, "server of other nodes known");
    servers_tell_state(servers);
}

/** Ends a server that was taken out of the list. It must be out first, so that the state which is announced at its end
 *  has all other servers and not this one. */
static void changes_end(struct server *server, const char *reason)
{
    log_info(&server->log, "server dropped reason=\"%s\"", reason);
    server_leave(server, reason);
    server_destroy(server);
}

static struct server *take_out(struct servers *servers, size_t index)
{
    struct server *server = servers->list[index];

    memmove(servers->list + index, servers->list + index + 1, (servers->count - index - 1) * sizeof(struct server *));
    servers->count--;
    return server;
}

bool servers_drop(struct servers *servers, struct span name, struct error *err)
{
    for (size_t i = 0; i < servers->count; i++) {
        if (span_is(name, servers->list[i]->config->name)) {
            changes_end(take_out(servers, i), "it was dropped");
            servers_tell_state(servers);
            return true;
        }
    }
    return error_set(err, "there is no server of that name");
}

// --- reload -----------------------------------------------------------------------------------------------------

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/** Can the connections of one serve for the other? */
static bool is_same(const struct server_config *a, const struct server_config *b)
{
    return same_text(a->name, b->name) && same_text(a->host, b->host) && a->port == b->port &&
           same_text(a->username, b->username) && same_text(a->secret, b->secret) && same_text(a->events, b->events) &&
           a->login == b->login && a->tls == b->tls && same_text(a->ca_file, b->ca_file);
}

/** Takes the server whose connections fit `config` out of the list; NULL: there is none. */
static struct server *take_same(struct servers *servers, const struct server_config *config)
{
    for (size_t i = 0; i < servers->count; i++) {
        if (servers->list[i]->added == NULL && is_same(servers->list[i]->config, config))
            return take_out(servers, i);
    }
    return NULL;
}

/** Moves the servers that only other nodes have, and the new configuration neither, to the end of the new list.
 *  @return the number of servers in that list */
static size_t keep_elsewhere(struct servers *servers, struct server **list, size_t count)
{
    size_t configured = count;

    for (size_t i = servers->count; i > 0; i--) {
        const char *name = servers->list[i - 1]->config->name;
        bool is_new = true;
        for (size_t j = 0; j < configured; j++)
            is_new = is_new && strcasecmp(list[j]->config->name, name) != 0;
        if (servers->list[i - 1]->elsewhere && is_new)
            list[count++] = take_out(servers, i - 1);
    }
    return count;
}

void servers_reconfigure(struct servers *servers, struct config *config)
{
    struct server **list = memory_zero(config->server_count + servers->count + 1, sizeof(struct server *));
    struct server **dropped = servers->list;
    size_t dropped_count, count;
    struct error err;

    for (size_t i = 0; i < config->server_count; i++) {
        struct server *server = take_same(servers, &config->servers[i]);
        if (server != NULL) {
            config_unref(server->owner);
            server->owner = config_ref(config);
            server->config = &config->servers[i];
        } else {
            server = server_create(servers, config, &config->servers[i], false);
        }
        list[i] = server;
    }
    count = keep_elsewhere(servers, list, config->server_count);
    dropped_count = servers->count; // those that were not taken out
    servers->list = list;
    servers->count = count;
    config_unref(servers->config);
    servers->config = config_ref(config);
    if (!servers_reload_tls(servers, &err)) // servers_check() could read the files a moment ago
        log_error(NULL, "authorities of servers not reloaded reason=\"%s\"", err.text);
    servers_tell_state(servers); // once, for all servers that were added and dropped
    for (size_t i = 0; i < dropped_count; i++)
        changes_end(dropped[i], "it is no longer configured");
    free(dropped);
}
