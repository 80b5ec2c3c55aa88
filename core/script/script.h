// core/script/script.h: the Lua host: what a worker may ask of it. One `script_state` per worker; nothing here raises.
//
//   state    one Lua state with all scripts loaded, its limits, timers and coroutines
//   filter   one run of a filter's file for (options, user): judges messages, and actions
//   action   a proxy action: answers a client's request
//   host     what scripts ask of the program; the owner fills it in
//
// Sessions are handles of the owner's (base/handles.h): nothing here has a pointer to one. The owner says when one is
// gone (script_session_gone), and looks up each handle that it is given back.
// Thread: the worker's alone, but for script_shared and script_watchdog, which any thread may use.
#ifndef SCRIPT_SCRIPT_H
#define SCRIPT_SCRIPT_H

#include "ami/message.h"
#include "base/error.h"
#include "base/handles.h"
#include "base/log.h"
#include "base/metrics.h"

struct script_state;
struct script_filter;
struct script_action;
struct script_call;     // an answer that is waited for: the token that the host answers to
struct script_shared;   // amp.shared: one for all workers (script/shared.h)
struct script_watchdog; // the thread that ends calls which take too long (script/watchdog.h)

/** A value of the configuration, handed to a filter as its options. Lent during the call. */
enum script_value_kind { SCRIPT_NIL, SCRIPT_FLAG, SCRIPT_NUMBER, SCRIPT_TEXT, SCRIPT_LIST, SCRIPT_MAP };
struct script_value {
    enum script_value_kind kind;
    bool flag;
    double number;
    const char *text;
    size_t count;                     // of a list or map
    const struct script_value *items; // `count` of them
    const char *const *keys;          // of a map: `count` of them
};

/** Whom a filter works for; texts are copied. */
struct script_user {
    const char *name;
    const char *account; // NULL: none
    uint32_t read, write;
    bool admin;
};

/** What a session is, as scripts and ListSessions see it. Texts are lent until the next call of the host. */
struct script_session_info {
    uint64_t id;
    const char *user;    // NULL: logged in by ProxyKey, or nobody
    const char *address; // "192.0.2.7:51234"
    const char *ip;      // the same without the port
    const char *input;   // names of formats
    const char *output;
    const char *action_id; // stored id or prefix (autofilter), NULL: none
    uint32_t autofilter;   // 0 off, 1 on, 2 unique
    uint32_t write;        // classes of actions that it may send
    bool admin, authenticated, encrypted;
    bool by_key; // logged in by the ProxyKey
};

struct script_server_info {
    const char *name, *host, *address, *user, *events; // address: IP, or the host as long as that is unknown
    uint16_t port;
    bool up;
};

struct script_format_info {
    const char *name;
    bool input, output;
};

/** Something that takes time; the host answers with script_call_end(). */
enum script_ask { SCRIPT_ASK_RELOAD, SCRIPT_ASK_ADD_SERVER, SCRIPT_ASK_DROP_SERVER, SCRIPT_ASK_CLOSE_SESSION };

/** What scripts ask of the program. `context` comes first. Every function may be NULL: then asking for it is an error
 *  for the script. Called on the worker's thread, inside a script_…() function. */
struct script_host {
    void *context;
    /** Sends `action` (lent; its ActionID is to be replaced) to `server` (NULL: the first that is up). The answers go
     *  to script_call_message(), the end to script_call_end(), also from inside this function. */
    void (*call)(void *context, struct script_call *call, const char *server, struct message *action,
                 uint64_t timeout_ms);
    /** Nobody waits for that call any more (its time is over, its task has ended): what has not been sent need not be.
     *  script_call_end() is still to come. */
    void (*leave)(void *context, struct script_call *call);
    /** Starts `what`. Add: `arguments` has Server, Port, Username, Secret, Events. Drop: Server. Close: Session,
     *  its number. Lent. */
    void (*ask)(void *context, struct script_call *call, enum script_ask what, const struct message *arguments);
    void (*each_server)(void *context, void (*visit)(void *visitor, const struct script_server_info *), void *visitor);
    void (*each_session)(void *context, void (*visit)(void *visitor, const struct script_session_info *),
                         void *visitor);
    void (*each_format)(void *context, void (*visit)(void *visitor, const struct script_format_info *), void *visitor);
    void (*each_stat)(void *context, void (*visit)(void *visitor, const char *name, uint64_t value), void *visitor);
    /** Milliseconds that do not jump, and seconds since 1970. NULL: the clocks of base/clock.h. */
    uint64_t (*clock_ms)(void *context);
    double (*wall)(void *context);

    void (*session_info)(void *context, struct handle session, struct script_session_info *info);
    /** Queues `message` (lent) for that session alone. */
    void (*session_send)(void *context, struct handle session, struct message *message);
    bool (*session_set_output)(void *context, struct handle session, const char *name); // false: no such format
    bool (*session_set_input)(void *context, struct handle session, const char *name);
    void (*session_set_autofilter)(void *context, struct handle session, uint32_t autofilter);
    /** Ends it once everything was written. */
    void (*session_close)(void *context, struct handle session);
};

/** What scripts may use up. script_limits_default() first. */
struct script_limits {
    size_t memory;            // bytes of the Lua state
    uint64_t time_ms;         // CPU time of one call
    uint64_t pattern_steps;   // of one find, match or gsub
    uint64_t call_timeout_ms; // of amp.call without `timeout`
    uint32_t waiting;         // coroutines that wait at once
    uint32_t timers;
    uint32_t quarantine; // errors of a filter in a minute that make it stand still; 0: never
    bool pass_on_error;  // a failing filter lets its message through
    bool strict;         // a fresh object for each message: finds messages that are kept (--try)
};
void script_limits_default(struct script_limits *limits);

enum script_kind { SCRIPT_IS_FILTER, SCRIPT_IS_PROXY_ACTION };

/** A file to load. Texts are copied. */
struct script_file {
    enum script_kind kind;
    char *name; // what the configuration calls it
    char *path;
};

/** A list of files, for the configuration's names. All zero is empty. */
struct script_files {
    struct script_file *items;
    size_t count;
};
/** Adds the script `name`: a path if it has a slash, else `root`/filters/NAME.lua or `root`/proxyactions/NAME.lua.
 *  `stock` as a proxy action are those that come with the program, as far as they are there. Twice the same name is
 * added once. */
bool script_files_add(struct script_files *files, const char *root, enum script_kind kind, const char *name,
                      struct error *err);
/** Adds all *.lua of `folder`, by name. @return false with `err` if it cannot be read */
bool script_files_add_folder(struct script_files *files, enum script_kind kind, const char *folder, struct error *err);
void script_files_fini(struct script_files *files);

struct script_setup {
    const struct script_files *files; // lent during creation
    const char *root;                 // folder whose lib/ amp.use looks in; NULL: no modules
    const char *const *more_roots;    // `more_root_count` folders in which it looks if that has none. Lent as `files`
    size_t more_root_count;
    struct script_limits limits;
    struct script_host host;
    struct script_watchdog *watchdog; // NULL: no time limit. Lent, outlives the state
    struct script_shared *shared;     // NULL: amp.shared is an error. Lent, outlives the state
    uint32_t worker;                  // index; `once` timers run in worker 0
    struct metrics *metrics;          // NULL: nothing is counted. Lent, outlives the state
};

/** Loads everything: filters are compiled, proxy actions run and checked. Also what --check and a reload do first.
 *  @return NULL with `err` "file:line: what is wrong" */
struct script_state *script_state_create(const struct script_setup *setup, struct error *err);
/** Frees the state with its filters and actions. Tasks that wait end without their completion being called; calls in
 *  flight stay valid tokens until the host ends them. NULL is fine. */
void script_state_destroy(struct script_state *state);
/** From now on nothing new is started: the state was replaced. Calls that wait are given `reason` "reloading" at
 *  `deadline_ms`, and what waits all the same then is ended: a proxy action is answered by an Error, an action that is
 *  judged fails. So the owner ticks it till script_state_is_idle(), and then destroys it. */
void script_state_retire(struct script_state *state, uint64_t deadline_ms);
/** Does nothing wait in it? */
bool script_state_is_idle(const struct script_state *state);
/** Two memory errors within a minute: the owner should build the state anew. */
bool script_state_is_exhausted(const struct script_state *state);
/** Between batches: a step of the collector; lets go of the last message. */
void script_state_step(struct script_state *state);
/** Runs timers and ends waits that are due. */
void script_state_tick(struct script_state *state);
/** When script_state_tick() is to be called next (clock_ms), UINT64_MAX: no need. */
uint64_t script_state_due(const struct script_state *state);
/** Bytes in use by Lua. */
size_t script_state_memory(const struct script_state *state);

/* --- filters ----------------------------------------------------------------------------------------------------- */

/** Runs the file of filter `name` for a user. One that returns `per = "class"` is made once for equal options.
 *  @param options  NULL: none  @param user  NULL: nobody in particular  @param observe  counts, changes nothing
 *  @return a filter with one reference; NULL with `err` */
struct script_filter *script_filter_create(struct script_state *state, const char *name,
                                           const struct script_value *options, const struct script_user *user,
                                           bool observe, struct error *err);
/** Gives the reference back; before the state is destroyed. NULL is fine. */
void script_filter_unref(struct script_filter *filter);

enum script_verdict {
    SCRIPT_PASS,   // as it is
    SCRIPT_DROP,   // not for this user
    SCRIPT_CHANGE, // the copy in `changed` instead, the caller's reference
    SCRIPT_FAIL    // the filter failed: withhold the message (`on_error: pass` gives SCRIPT_PASS)
};
/** How a message reaches the user: events for everybody, or answers to the user's own action. */
enum script_source { SCRIPT_EVENT, SCRIPT_ANSWER };

/** Judges a message. Answers pass unless the filter says `answers = true`; of these a list's end always passes, and a
 *  Response that is dropped is for the caller to turn into an Error, since somebody waits for it.
 *  @param changed  NULL but for SCRIPT_CHANGE */
enum script_verdict script_filter_message(struct script_filter *filter, struct message *message,
                                          enum script_source source, struct message **changed);
/** Can this filter say anything of actions, of answers? If not the owner need not ask. */
bool script_filter_has_action(const struct script_filter *filter);
bool script_filter_has_answers(const struct script_filter *filter);
/** Must it judge every event, once, whoever is logged in? */
bool script_filter_is_stateful(const struct script_filter *filter);
/** What the filters of `from` want to keep (`save`) goes to those of the same file, user and options of `to`
 *  (`restore`), which takes its place. Failures are logged, and then nothing is kept. */
void script_state_hand_over(struct script_state *from, struct script_state *to);

/** The verdict on an action of `session`, as it was handed in. @param action  SCRIPT_PASS: as it was; SCRIPT_CHANGE:
 * the copy (take a reference to keep it)  @param reason  SCRIPT_DROP: why, for the client; SCRIPT_FAIL: a text without
 * internals */
typedef void script_judged(void *context, struct handle session, enum script_verdict verdict, struct message *action,
                           const char *reason);
/** Judges an action of `session`; may wait. `done` is called once, maybe before this returns; never if the session goes
 *  first (script_session_gone). */
void script_filter_action(struct script_filter *filter, struct message *action, struct handle session,
                          script_judged *done, void *context);

/** The verdict of several filters, each with what the one before made of the message. Those that say `either = true`
 *  (cdronly, brionly …) add up: it is enough that one of them lets the message pass. */
enum script_verdict script_chain_message(struct script_filter *const *filters, size_t count, struct message *message,
                                         enum script_source source, struct message **changed);
/** The same for an action: the first refusal ends it. `done` as with script_filter_action(). Takes a reference of each
 *  filter for as long as it takes. */
void script_chain_action(struct script_filter *const *filters, size_t count, struct message *action,
                         struct handle session, script_judged *done, void *context);
/** The same for an action that the proxy action `by` (copied) sends for that session. */
void script_chain_call(struct script_filter *const *filters, size_t count, struct message *action,
                       struct handle session, const char *by, script_judged *done, void *context);

/* --- proxy actions ----------------------------------------------------------------------------------------------- */

struct script_action_info {
    const char *name, *summary;
    uint32_t classes; // any of these write classes allows it, 0: everybody who is logged in
    bool admin;
};
/** By name, without case; NULL if there is none. */
struct script_action *script_action_find(const struct script_state *state, struct span name);
const struct script_action_info *script_action_info(const struct script_action *action);

/** A message of the answer (lent) for `session`, in order; `final` with the last one. ActionID and all are in it. */
typedef void script_replied(void *context, struct handle session, struct message *message, bool final);
/** Checks rights and arguments, runs, and answers: `replied` is called at least once, maybe before this returns; never
 *  again after the session is gone. */
void script_action_run(struct script_state *state, struct script_action *action, struct message *request,
                       struct handle session, script_replied *replied, void *context);

/* --- what happens ------------------------------------------------------------------------------------------------- */

enum script_event {
    SCRIPT_SESSION_OPENED,
    SCRIPT_SESSION_LOGIN,
    SCRIPT_SESSION_CLOSED,
    SCRIPT_SERVER_UP,
    SCRIPT_SERVER_DOWN
};
/** Tells the scripts (amp.on). @param session  of session events; @param server  of server events */
void script_event_tell(struct script_state *state, enum script_event event, struct handle session, const char *server);
/** The session goes: tasks that run for it end, objects of it become invalid. After SCRIPT_SESSION_CLOSED was told. */
void script_session_gone(struct script_state *state, struct handle session);

/** The session for which a proxy action, whose name `by` becomes, asks; none and NULL: a timer asks, or a hook. */
struct handle script_call_session(const struct script_call *call, const char **by);
/** A message that belongs to the answer (lent: a reference is taken). */
void script_call_message(struct script_call *call, struct message *message);
/** The answer is complete; `reason` NULL: well, else why not. Exactly once per call; the token is dead then. May run
 * the script that waited. */
void script_call_end(struct script_call *call, const char *reason);
/** Does anybody still wait for it? Else it need not be begun: only script_call_end() is left to do. */
bool script_call_is_awaited(const struct script_call *call);

/* --- for ListScripts, --profile, tests --------------------------------------------------------------------------- */

struct script_report {
    const char *name, *kind; // "filter" or "proxy action"
    const char *user;        // NULL: of no one user
    uint64_t seen, entered, passed, dropped, changed, failed;
    bool observed, quarantined;
};
/** What one filter did. The texts are lent as long as it. */
struct script_report script_filter_report(const struct script_filter *filter);
void script_state_report(const struct script_state *state, void (*visit)(void *visitor, const struct script_report *),
                         void *visitor);
/** Counters of amp.count. */
void script_state_counters(const struct script_state *state,
                           void (*visit)(void *visitor, const char *name, uint64_t value), void *visitor);
/** Runs what the file of filter `name` gave to amp.test. @return false with `err`; without a test `*ran` is false */
/** Runs the tests of all files that were loaded. @return false with `err`: of the first that fails */
bool script_state_test_all(struct script_state *state, struct error *err);
bool script_state_test(struct script_state *state, const char *name, bool *ran, struct error *err);

#endif
