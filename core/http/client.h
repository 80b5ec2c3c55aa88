// core/http/client.h: requests of the program itself to other hosts, by libcurl on the caller's loop. Nothing blocks:
// names are looked up by threads of libcurl. Only http and https; certificates are checked; no redirect is followed; no
// proxy, cookie or password of the environment or of files is used. Only addresses of the public Internet are connected
// to, and those that the settings allow: judged for each connection, after the lookup.
// Thread: the loop's.
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "base/address_rules.h"
#include "base/span.h"

#include <stdint.h>

struct event_base;
/** What requests share: settings, and connections that are used again. */
struct http_client;
/** A request that is not answered yet. */
struct http_call;

struct http_settings {
    const char *ca_file;              // PEM; NULL: the system's authorities
    const struct network_list *allow; // networks that may be connected to though they are not public ones
    uint64_t connect_timeout_ms;      // with the lookup of the name, and TLS
    uint64_t timeout_ms;              // of the whole request
};

/** A request. All texts but the body may be freed after http_client_send(). */
struct http_request {
    const char *url;            // url_fault() finds none
    const char *method;         // NULL: POST
    const char *const *headers; // "Name: value"
    size_t header_count;
    struct span body;    // lent until the call has ended
    uint64_t timeout_ms; // 0: the client's
    size_t most_bytes;   // of the answer's body; a longer answer fails. 0: the answer is not kept
};

/** How a request ended. */
struct http_answer {
    unsigned status;         // 0: there was no answer, or not all of one that is to be kept
    uint64_t retry_after_ms; // 0: the answer does not say
    const char *reason;      // why there was no answer; lent during the call of `done`
    struct span head, body;  // of an answer that is kept: lines of its headers, its body; lent as `reason`
};

/** Was the program built with a library for this? If not, no client can be made. */
bool http_is_built(void);
/** Makes a client. @param settings  copied */
struct http_client *http_client_create(struct event_base *base, const struct http_settings *settings);
/** Frees the client and its connections. Requests end without an answer. May be called by `done`. NULL is fine. */
void http_client_destroy(struct http_client *client);
/** Sends a request.
 *  @param done  called once, from the loop, unless the call is cancelled; it may send, cancel and destroy
 *  @return lent until `done` is called */
struct http_call *http_client_send(struct http_client *client, const struct http_request *request,
                                   void (*done)(void *context, const struct http_answer *answer), void *context);
/** Ends a request whose answer is not wanted any more; its `done` is not called. NULL is fine. */
void http_call_cancel(struct http_call *call);

#endif
