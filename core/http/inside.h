// core/http/inside.h: the inside of a client and its calls, for the files of this room only.  Thread: the loop's.
#ifndef HTTP_INSIDE_H
#define HTTP_INSIDE_H

#include "http/client.h"

#ifdef AMP_WITH_CURL

#include "base/list.h"

#include <curl/curl.h>

struct http_client {
    struct event_base *base;
    struct event *timer;
    CURLM *multi;
    char *ca_file;
    struct network_list allow;
    long connect_timeout_ms, timeout_ms;
    struct list_head calls; // of struct http_call
    bool *destroyed; // set to true if the client is destroyed while it looks for calls that have ended; NULL: it does
                     // not look
};

struct http_call {
    struct list_node node;
    struct http_client *client;
    CURL *easy;
    struct curl_slist *headers;
    void (*done)(void *context, const struct http_answer *answer);
    void *context;
    size_t most_bytes; // see struct http_request
    char *head, *body; // of an answer that is kept
    size_t head_length, body_length;
    bool too_large;             // the answer was too large, so the call was ended
    char refused[NETWORK_TEXT]; // an address that may not be connected to; empty: none
    char error[CURL_ERROR_SIZE];
};

#endif
#endif
