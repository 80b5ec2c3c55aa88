// core/http/client.c: see client.h. libcurl's multi interface tells which sockets to watch and when to wake it
// (curl_multi_socket_action(3)).
#include "http/inside.h"

#ifdef AMP_WITH_CURL

#include "base/memory.h"

#include <event2/event.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_CONNECTIONS 4L // that are kept

bool http_is_built(void)
{
    return true;
}

static void http_begin(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

// --- the loop ---------------------------------------------------------------------------------------------------

/** Takes a call from its client and ends its connection. */
static void http_unlink(struct http_call *call)
{
    list_remove(&call->client->calls, &call->node);
    curl_multi_remove_handle(call->client->multi, call->easy);
    curl_easy_cleanup(call->easy);
    curl_slist_free_all(call->headers);
}

static void http_free_parts(struct http_call *call)
{
    free(call->head);
    free(call->body);
    free(call);
}

void http_call_cancel(struct http_call *call)
{
    if (call == NULL)
        return;
    http_unlink(call);
    http_free_parts(call);
}

static void http_finish(struct http_call *call, CURLcode result)
{
    struct http_answer answer = {0};
    char reason[CURL_ERROR_SIZE + NETWORK_TEXT + 64];
    curl_off_t wait = 0;
    long status = 0;
    void (*done)(void *context, const struct http_answer *answer) = call->done;
    void *context = call->context;

    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    bool kept = call->most_bytes > 0;
    if (status >= 200 && status <= 999 && (!kept || result == CURLE_OK)) { // what is not kept may be too long, or late
        answer.head = (struct span){call->head, call->head_length};
        answer.body = (struct span){call->body, kept ? call->body_length : 0};
        curl_easy_getinfo(call->easy, CURLINFO_RETRY_AFTER, &wait);
        answer.status = (unsigned)status;
        answer.retry_after_ms = wait > 0 && wait < INT32_MAX ? (uint64_t)wait * 1000 : 0;
    } else if (result == CURLE_COULDNT_CONNECT && call->refused[0] != '\0') {
        snprintf(reason, sizeof reason, "the address %s is not a public one, and not allowed", call->refused);
        answer.reason = reason;
    } else if (call->too_large) {
        snprintf(reason, sizeof reason, "the answer is larger than %zu bytes", call->most_bytes);
        answer.reason = reason;
    } else {
        snprintf(reason, sizeof reason, "%s", call->error[0] != '\0' ? call->error : curl_easy_strerror(result));
        answer.reason = reason;
    }
    http_unlink(call); // `done` may destroy the client
    done(context, &answer);
    http_free_parts(call);
}

/** Ends the calls that are over. */
static void http_look(struct http_client *client)
{
    bool destroyed = false, *outer = client->destroyed;
    const CURLMsg *message;
    int left;

    client->destroyed = &destroyed;
    while (!destroyed && (message = curl_multi_info_read(client->multi, &left)) != NULL) {
        CURLcode result = message->data.result;
        struct http_call *call = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)(void *)&call);
        http_finish(call, result);
    }
    if (!destroyed)
        client->destroyed = outer;
    else if (outer != NULL)
        *outer = true;
}

static void http_on_socket(evutil_socket_t fd, short what, void *argument)
{
    struct http_client *client = argument;
    int ready = ((what & EV_READ) != 0 ? CURL_CSELECT_IN : 0) | ((what & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0);
    int running;

    curl_multi_socket_action(client->multi, fd, ready, &running);
    http_look(client);
}

static void http_on_timer(evutil_socket_t fd, short what, void *argument)
{
    struct http_client *client = argument;
    int running;
    (void)fd;
    (void)what;

    curl_multi_socket_action(client->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    http_look(client);
}

/** CURLMOPT_SOCKETFUNCTION: sets what is watched of a socket. @param socket_event  its event; NULL: it has none yet */
static int http_watch(CURL *easy, curl_socket_t fd, int what, void *argument, void *socket_event)
{
    struct http_client *client = argument;
    struct event *event = socket_event;
    short wanted = EV_PERSIST;
    (void)easy;

    if (event != NULL)
        event_free(event);
    if (what == CURL_POLL_REMOVE) {
        curl_multi_assign(client->multi, fd, NULL);
        return 0;
    }
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
        wanted |= EV_READ;
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
        wanted |= EV_WRITE;
    event = event_new(client->base, fd, wanted, http_on_socket, client);
    event_add(event, NULL);
    curl_multi_assign(client->multi, fd, event);
    return 0;
}

/** CURLMOPT_TIMERFUNCTION. */
static int http_set_timer(CURLM *multi, long wait_ms, void *argument)
{
    struct http_client *client = argument;
    struct timeval wait = {wait_ms / 1000, wait_ms % 1000 * 1000};
    (void)multi;

    if (wait_ms < 0)
        event_del(client->timer);
    else
        event_add(client->timer, &wait);
    return 0;
}

// --- a client ---------------------------------------------------------------------------------------------------

struct http_client *http_client_create(struct event_base *base, const struct http_settings *settings)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT; // Global: libcurl itself has a state that begins once
    struct http_client *client = memory_zero(1, sizeof *client);
    const struct network_list *allow = settings->allow;

    pthread_once(&once, http_begin);
    client->base = base;
    client->ca_file = memory_text(settings->ca_file);
    client->connect_timeout_ms = (long)settings->connect_timeout_ms;
    client->timeout_ms = (long)settings->timeout_ms;
    if (allow != NULL && allow->count > 0) {
        client->allow.items = memory_new(allow->count * sizeof *allow->items);
        memcpy(client->allow.items, allow->items, allow->count * sizeof *allow->items);
        client->allow.count = allow->count;
    }
    client->timer = event_new(base, -1, 0, http_on_timer, client);
    client->multi = curl_multi_init();
    if (client->timer == NULL || client->multi == NULL)
        memory_exhausted(sizeof *client);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, http_watch);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, http_set_timer);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, MOST_CONNECTIONS);
    return client;
}

void http_client_destroy(struct http_client *client)
{
    if (client == NULL)
        return;
    if (client->destroyed != NULL)
        *client->destroyed = true;
    for (struct list_node *node; (node = list_take_first(&client->calls)) != NULL;)
        http_call_cancel(LIST_OBJECT(node, struct http_call, node));
    curl_multi_cleanup(client->multi);
    event_free(client->timer);
    address_rules_free(&client->allow);
    free(client->ca_file);
    free(client);
}

#endif
