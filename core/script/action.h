// core/script/action.h: proxy actions, and their runs.  Thread: the worker's.
#ifndef SCRIPT_ACTION_H
#define SCRIPT_ACTION_H

#include "script/state.h"

struct argument {
    char *name;
    bool required;
};

struct script_action {
    struct script_action *next;
    struct script_action_info info;
    const struct loaded *file;
    char *name, *summary;
    char *word; // name of the first header of its answers: Response, or ProxyResponse as in astmanproxy 1
    struct argument *arguments;
    size_t argument_count;
    uint64_t timeout_ms;
    int run; // registry reference
    uint64_t runs, failures;
};

struct lua_reply;

/** One run of a proxy action. */
struct running {
    struct script_state *state;
    struct script_action *action;
    struct message *request; // one reference
    struct handle session;
    script_replied *replied;
    void *context;
    struct lua_reply *reply;    // lent to the script, kept alive by `reply_ref`
    struct lua_message *object; // the request, as the script sees it
    int reply_ref, object_ref;
    bool begun, finished;
    uint32_t items;
};

/** The userdata. */
struct lua_reply {
    struct running *running; // NULL: the run is over
};

/** Pushes a reply; may raise. */
struct lua_reply *lua_push_reply(lua_State *L, struct running *running);
/** Sends the last message of the answer: `WORD: status`, with `text` as Message (NULL: none). */
void running_finish(struct running *running, const char *status, const char *text);
/** Ends a list that was begun. @param well  false: with `EventList: Cancelled` */
void running_end_list(struct running *running, bool well);

#endif
