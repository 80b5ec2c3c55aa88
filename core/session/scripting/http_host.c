// core/session/scripting/http_host.c: see http_host.h. core/http decides which addresses are connected to.
#include "session/scripting/http_host.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/metrics.h"
#include "base/url.h"
#include "http/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_MS 10000
#define LONGEST_MS 60000
#define PATIENCE_MS 1000 // script/ ends the wait by its time limit; libcurl's comes later

/** The connections of scripts, with the settings of one configuration. */
struct script_client {
    struct http_client *client;
    struct config *config; // one reference
    size_t requests;       // that wait
};

/** A request that waits for its answer. */
struct fetch {
    struct list_node node; // in sessions->fetches
    struct sessions *sessions;
    struct script_client *client;
    struct script_call *call;
    struct http_call *http;
    uint64_t begun_us;
    char *user; // NULL: nobody's
    char *body;
};

static void client_free(struct script_client *client)
{
    if (client == NULL)
        return;
    http_client_destroy(client->client);
    config_unref(client->config);
    free(client);
}

/** Returns the client with the settings of the configuration in use. One of an earlier configuration lives as long as
 *  its requests. */
static struct script_client *client_of(struct sessions *sessions)
{
    struct script_client *client = sessions->script_client;
    struct config *config = sessions->config;

    if (client != NULL && client->config == config)
        return client;
    if (client != NULL && client->requests == 0)
        client_free(client);
    client = memory_zero(1, sizeof *client);
    client->config = config_ref(config);
    client->client = http_client_create(sessions->base, &(struct http_settings){.ca_file = config->scripts.http_ca_file,
                                                                                .allow = &config->scripts.http_allow,
                                                                                .connect_timeout_ms = CONNECT_MS,
                                                                                .timeout_ms = LONGEST_MS});
    sessions->script_client = client;
    return client;
}

/** Takes the fetch out of the list, counts it, and frees it. */
static void fetch_free(struct fetch *fetch, enum metrics_request outcome)
{
    struct script_client *client = fetch->client;

    metric_add(&fetch->sessions->metrics->requests[outcome], 1);
    metric_add(&fetch->sessions->metrics->request_us, clock_us() - fetch->begun_us);
    list_remove(&fetch->sessions->fetches, &fetch->node);
    if (--client->requests == 0 && fetch->sessions->script_client != client)
        client_free(client);
    free(fetch->user);
    free(fetch->body);
    free(fetch);
}

static void on_fetched(void *context, const struct http_answer *answer)
{
    struct fetch *fetch = context;
    struct sessions *sessions = fetch->sessions;
    struct script_call *call = fetch->call;
    char reason[256];

    snprintf(reason, sizeof reason, "%s", answer->reason == NULL ? "" : answer->reason);
    if (answer->status != 0)
        script_call_fetched(call, answer->status, answer->head, answer->body);
    fetch_free(fetch, answer->status != 0 && reason[0] == '\0'
                          ? METRICS_REQUEST_ANSWERED
                          : METRICS_REQUEST_FAILED); // so that a script that asks again finds room
    script_call_end(call, reason[0] == '\0' ? NULL : reason);
    sessions->hooks->rest(sessions);
}

static bool is_same_user(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/** Returns why the request is not sent; NULL: it is. */
static const char *refusal_of(const struct sessions *sessions, const struct script_request *request, char *buffer,
                              size_t size)
{
    const struct config *config = sessions->config;
    uint64_t waiting = 0;

    if (!http_is_built())
        return "built without HTTP (libcurl)";
    if (!origins_permit(&config->scripts.http, request->script, request->url)) {
        snprintf(buffer, size, "scripts.http does not permit %s to go there", request->script);
        return buffer;
    }
    for (struct list_node *node = sessions->fetches.first; node != NULL; node = node->next)
        waiting += is_same_user(LIST_OBJECT(node, struct fetch, node)->user, request->user);
    if (waiting < config->scripts.http_at_once)
        return NULL;
    snprintf(buffer, size, "%llu requests of this user wait already (scripts.http_at_once)",
             (unsigned long long)waiting);
    return buffer;
}

/** Writes the host, but no path: that may be a secret. */
static void log_refusal(const struct script_request *request, const char *refusal)
{
    char script[200], user[200], origin[URL_ORIGIN_SIZE];

    log_warn(NULL, "request of a script refused script=%s user=%s to=%s reason=\"%s\"",
             log_text(script, sizeof script, request->script),
             log_text(user, sizeof user, request->user == NULL ? "-" : request->user), url_origin(request->url, origin),
             refusal);
}

void http_host_send(void *context, struct script_call *call, const struct script_request *request)
{
    struct sessions *sessions = context;
    char buffer[160];
    const char *refusal = refusal_of(sessions, request, buffer, sizeof buffer);

    if (refusal != NULL) {
        metric_add(&sessions->metrics->requests[METRICS_REQUEST_REFUSED], 1);
        log_refusal(request, refusal);
        script_call_end(call, refusal);
        return;
    }
    struct fetch *fetch = memory_zero(1, sizeof *fetch);
    fetch->sessions = sessions;
    fetch->begun_us = clock_us();
    fetch->client = client_of(sessions);
    fetch->client->requests++;
    fetch->call = call;
    fetch->user = memory_text(request->user);
    fetch->body = request->body.length > 0 ? memory_text_of(request->body.bytes, request->body.length) : NULL;
    list_add_first(&sessions->fetches, &fetch->node);
    fetch->http = http_client_send(fetch->client->client,
                                   &(struct http_request){.url = request->url,
                                                          .method = request->method,
                                                          .headers = request->headers,
                                                          .header_count = request->header_count,
                                                          .body = {fetch->body, request->body.length},
                                                          .timeout_ms = request->timeout_ms + PATIENCE_MS,
                                                          .most_bytes = sessions->config->scripts.http_bytes},
                                   on_fetched, fetch);
}

bool http_host_leave(struct sessions *sessions, const struct script_call *call)
{
    for (struct list_node *node = sessions->fetches.first; node != NULL; node = node->next) {
        struct fetch *fetch = LIST_OBJECT(node, struct fetch, node);
        if (fetch->call != call)
            continue;
        http_call_cancel(fetch->http);
        fetch_free(fetch, METRICS_REQUEST_ABANDONED);
        return true;
    }
    return false;
}

void http_host_fini(struct sessions *sessions)
{
    client_free(sessions->script_client);
    sessions->script_client = NULL;
}
