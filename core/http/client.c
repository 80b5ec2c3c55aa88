// core/http/client.c: see client.h. libcurl's multi interface tells which sockets to watch and when to wake it
// (curl_multi_socket_action(3)).
#include "http/client.h"

#ifdef AMP_WITH_CURL

#include "base/address_special.h"
#include "base/list.h"
#include "base/memory.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define MOST_BODY (64 * 1024) // of an answer is read, so that its connection can be used again
#define MOST_CONNECTIONS 4L   // that are kept

struct http_client {
    struct event_base *base;
    struct event *timer;
    CURLM *multi;
    char *ca_file;
    struct network_list allow;
    long connect_timeout_ms, timeout_ms;
    struct list_head calls; // of struct http_call
    bool *destroyed;        // set if it is destroyed while its loop looks for what has ended; NULL: it does not look
};

struct http_call {
    struct list_node node;
    struct http_client *client;
    CURL *easy;
    struct curl_slist *headers;
    void (*done)(void *context, const struct http_answer *answer);
    void *context;
    size_t body;                // bytes of the answer's that came
    char refused[NETWORK_TEXT]; // an address that was not connected to; empty: none
    char error[CURL_ERROR_SIZE];
};

bool http_is_built(void)
{
    return true;
}

static void http_begin(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

// --- the loop ---------------------------------------------------------------------------------------------------

/** Ends a call, without its callback. */
static void http_free(struct http_call *call)
{
    list_remove(&call->client->calls, &call->node);
    curl_multi_remove_handle(call->client->multi, call->easy);
    curl_easy_cleanup(call->easy);
    curl_slist_free_all(call->headers);
    free(call);
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
    if (status >= 200 && status <= 999) { // its body may have been too long, or late
        curl_easy_getinfo(call->easy, CURLINFO_RETRY_AFTER, &wait);
        answer.status = (unsigned)status;
        answer.retry_after_ms = wait > 0 && wait < INT32_MAX ? (uint64_t)wait * 1000 : 0;
    } else if (result == CURLE_COULDNT_CONNECT && call->refused[0] != '\0') {
        snprintf(reason, sizeof reason, "the address %s is not a public one, and not allowed", call->refused);
        answer.reason = reason;
    } else {
        snprintf(reason, sizeof reason, "%s", call->error[0] != '\0' ? call->error : curl_easy_strerror(result));
        answer.reason = reason;
    }
    http_free(call);
    done(context, &answer);
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
        http_free(LIST_OBJECT(node, struct http_call, node));
    curl_multi_cleanup(client->multi);
    event_free(client->timer);
    address_rules_free(&client->allow);
    free(client->ca_file);
    free(client);
}

// --- a request --------------------------------------------------------------------------------------------------

/** CURLOPT_OPENSOCKETFUNCTION: judges each address before it is connected to. */
static curl_socket_t http_open_socket(void *argument, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct http_call *call = argument;
    struct address address = address_of_socket(&to->addr);

    if (purpose != CURLSOCKTYPE_IPCXN ||
        (!address_is_public(&address) && !network_list_has(&call->client->allow, &address))) {
        address_text(&address, call->refused);
        return CURL_SOCKET_BAD;
    }
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/** CURLOPT_WRITEFUNCTION: throws the body away, and ends the connection rather than read a long one. */
static size_t http_take_body(char *bytes, size_t size, size_t count, void *argument)
{
    struct http_call *call = argument;
    (void)bytes;

    call->body += size * count;
    return call->body > MOST_BODY ? 0 : size * count;
}

/** Sets what is the same for every request. */
static void http_prepare(struct http_call *call)
{
    const struct http_client *client = call->client;
    CURL *easy = call->easy;

    curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->error);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); // nobody waits for the thread of a lookup
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, ""); // not even that of the environment
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (client->ca_file != NULL) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, client->ca_file);
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, client->connect_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, client->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, http_open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, call);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, http_take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
}

static void http_add_header(struct http_call *call, const char *header)
{
    struct curl_slist *more = curl_slist_append(call->headers, header);

    if (more == NULL)
        memory_exhausted(strlen(header));
    call->headers = more;
}

struct http_call *http_client_post(struct http_client *client, const struct http_post *post,
                                   void (*done)(void *context, const struct http_answer *answer), void *context)
{
    struct http_call *call = memory_zero(1, sizeof *call);

    call->client = client;
    call->done = done;
    call->context = context;
    call->easy = curl_easy_init();
    if (call->easy == NULL)
        memory_exhausted(sizeof *call);
    list_add_last(&client->calls, &call->node);
    http_prepare(call);
    for (size_t i = 0; i < post->header_count; i++)
        http_add_header(call, post->headers[i]);
    http_add_header(call, "User-Agent: astmanproxy/" AMP_VERSION);
    http_add_header(call, "Expect:"); // the body follows at once
    curl_easy_setopt(call->easy, CURLOPT_URL, post->url);
    curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers);
    curl_easy_setopt(call->easy, CURLOPT_POST, 1L);
    curl_easy_setopt(call->easy, CURLOPT_POSTFIELDS, post->body.bytes);
    curl_easy_setopt(call->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)post->body.length);
    curl_multi_add_handle(client->multi, call->easy); // sets the timer, so that the rest happens in the loop
    return call;
}

void http_call_cancel(struct http_call *call)
{
    if (call != NULL)
        http_free(call);
}

#endif
