// core/session/access/held_token.h: the token that a session has; knows no session. access/by_token.h has what is done
// with it.  Thread: the session's worker.
#ifndef SESSION_ACCESS_HELD_TOKEN_H
#define SESSION_ACCESS_HELD_TOKEN_H

#include "auth/token.h"
#include "base/handles.h"
#include "base/list.h"

struct by_token {
    struct list_node node;             // in the list of its worker (struct sessions)
    struct handle session;             // that has it
    struct token token;                // read of `text`
    char label[TOKEN_LABEL_BYTES + 1]; // its label
    uint64_t generation;               // of the revocations when the token was last compared with them
    size_t length;
    char text[]; // its own; never logged
};

#endif
