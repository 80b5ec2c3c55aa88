// core/letters/request.h: a request that a connection's session passes to a session without a connection, on whatever
// worker that is, and its answer on the way back.  Thread: the holder's of the letter; references and `withdrawn`: any.
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

/** One letter in both directions. It is counted: the asking session has a reference until its request is answered or it
 *  ends, the holder of the letter has the other. Only the holder reads and writes what is not atomic. */
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

/** Makes a request with one reference. @param bytes  copied */
struct session_request *session_request_create(const char *bytes, size_t length);
/** Adds a reference. @return `request` */
struct session_request *session_request_ref(struct session_request *request);
/** Releases a reference. `request` may be NULL. The last one overwrites and frees the bytes. */
void session_request_unref(struct session_request *request);
/** Replaces the bytes by others (copied; NULL: none). The old ones are overwritten, as they may hold a secret. */
void session_request_set(struct session_request *request, const char *bytes, size_t length);

#endif
