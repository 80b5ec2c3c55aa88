// core/letters/request.h: a request that a connection's session passes to a session without a connection, on whatever
// worker that is, and its answer on the way back.  Thread: said at each part.
#ifndef LETTERS_REQUEST_H
#define LETTERS_REQUEST_H

#include "base/handles.h"
#include "base/list.h"
#include "base/mailbox.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sessions;

/** Where a session is. */
struct session_place {
    uint32_t worker;
    struct handle handle; // of that worker; it may be gone
};

/** One letter in both directions. Counted: the asking session has a reference until it is answered or ends, whoever
 *  has the letter has the other. What is not atomic belongs to who has the letter. */
struct session_request {
    struct letter letter; // HUB_REQUEST or WORKER_REQUEST; must be first
    atomic_uint references;
    atomic_bool withdrawn; // the asking session has ended: nobody waits for the answer
    bool answered;         // on its way back: `bytes` is the answer
    struct session_place from, to;
    struct sessions *at;         // the worker's sessions, one of which is to answer it; NULL: it is on its way
    struct list_node of_session; // in the list of that session
    char *bytes;                 // the request, then its answer; NULL: the session has ended without an answer
    size_t length;
};

/** A new one with one reference. @param bytes  copied */
struct session_request *session_request_create(const char *bytes, size_t length);
struct session_request *session_request_ref(struct session_request *request);
void session_request_unref(struct session_request *request);
/** Puts other bytes (copied; NULL: none) in place of its own, which may have held a secret: they are overwritten. */
void session_request_set(struct session_request *request, const char *bytes, size_t length);

#endif
