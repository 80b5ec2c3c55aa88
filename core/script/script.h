// core/script/script.h: the Lua host, as its users see it. Each worker has one `script_state`. No function raises.
//
//   state    one Lua state with all scripts loaded, its limits, timers and coroutines
//   filter   one run of a filter's file for (options, user): judges messages and actions
//   action   a proxy action: answers a client's request
//   host     the functions of the program that scripts use; the owner provides them
//
// Sessions are handles of the owner (base/handles.h), never pointers. The owner reports the end of a session
// (script_session_gone()), and looks up each handle that it gets back.
// Thread: the worker's, except script_shared and script_watchdog, which any thread may use.
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
struct script_call;     // a call in flight: the token with which the host answers
struct script_shared;   // amp.shared: one for all workers (script/shared.h)
struct script_watchdog; // the thread that ends calls which take too long (script/watchdog.h)

/** A value of the configuration, passed to a filter as its options. Lent during the call. */
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

/** The user of a filter; texts are copied. */
struct script_user {
    const char *name;
    const char *account; // NULL: none
    uint32_t read, write;
    bool admin;
};

/** The data of a session for scripts and ListSessions. Texts are lent until the next call of the host. */
struct script_session_info {
    uint64_t id;
    const char *user;    // NULL: logged in by ProxyKey, or not logged in
    const char *address; // "192.0.2.7:51234"
    const char *ip;      // the same without the port
    const char *input;   // names of formats
    const char *output;
    const char *action_id; // autofilter: the ActionID, or the beginning of those, of the session's answers; NULL: none
    uint32_t autofilter;   // 0 off, 1 on, 2 unique
    uint32_t write;        // write classes
    bool admin, authenticated, encrypted;
    bool by_key;       // logged in by ProxyKey
    bool detached;     // has no connection
    const char *token; // label of the token by which it has logged in; NULL: by none
};

/** A token that a script wants. Texts are lent. */
struct script_token_wish {
    struct span user, label;
    struct span actions; // names with commas or blanks between; for `listed` alone
    uint64_t ends_s;     // seconds since 1970
    bool only_reads, listed;
};

/** Which sessions a script asks for. */
struct script_session_range {
    uint64_t before;  // only sessions with a lower id, which are older
    uint32_t most;    // at most so many
    const char *user; // only sessions of this user; NULL: all. Lent
};

struct script_server_info {
    const char *name, *host, *address, *user, *events; // address: IP, or the host as long as that is unknown
    const char *node; // of the cluster that owns it, empty: none does; NULL: there is no cluster
    uint16_t port;
    bool up;
};

struct script_format_info {
    const char *name;
    bool input, output;
};

/** Commands that take time; the host answers with script_call_end(). */
enum script_ask {
    SCRIPT_ASK_RELOAD,
    SCRIPT_ASK_ADD_SERVER,
    SCRIPT_ASK_DROP_SERVER,
    SCRIPT_ASK_CLOSE_SESSION,
    SCRIPT_ASK_REVOKE_TOKEN,
    SCRIPT_ASK_CLUSTER, // its answer: an event for each node and each server
    SCRIPT_ASK_CONTROL  // what an operator asks for: `Command:` and its arguments
};

/** A request of a script to another host (amp.http). Lent during the call of the host. */
struct script_request {
    const char *script; // name of the filter or proxy action that asks
    const char *user;   // whose filter it is, or whose session the proxy action serves; NULL: nobody's
    const char *url, *method;
    const char *const *headers; // "Name: value"
    size_t header_count;
    struct span body;
    uint64_t timeout_ms;
};

/** The functions of the program that scripts use; each gets `context` as first argument. A function may be NULL: then
 *  its use is an error for the script. Called on the worker's thread, during a script_…() function. */
struct script_host {
    void *context;
    /** Sends `action` (lent; its ActionID must be replaced) to `server` (NULL: the first that is up). The host calls
     *  script_call_message() for each message of the answer and script_call_end() at its end, maybe
     *  during this call. */
    void (*call)(void *context, struct script_call *call, const char *server, struct message *action,
                 uint64_t timeout_ms);
    /** Sends a request to another host. The host calls script_call_fetched() if there was an answer, and
     *  script_call_end(), maybe during this call. */
    void (*http)(void *context, struct script_call *call, const struct script_request *request);
    /** Notes that nobody waits for that call any more, because of its time limit or the end of its task: an action that
     *  was not sent need not be sent.
     *  @return true: the host has dropped the call, and its token is invalid; false: it still calls script_call_end()
     */
    bool (*leave)(void *context, struct script_call *call);
    /** Starts the command `what`. @param arguments  lent. To add a server: Server, Port, Username, Secret and Events;
     *  to drop one: Server; to close a session: Session, its number; to revoke tokens: User, Label */
    void (*ask)(void *context, struct script_call *call, enum script_ask what, const struct message *arguments);
    void (*each_server)(void *context, void (*visit)(void *visitor, const struct script_server_info *), void *visitor);
    void (*each_session)(void *context, const struct script_session_range *range,
                         void (*visit)(void *visitor, const struct script_session_info *), void *visitor);
    void (*each_format)(void *context, void (*visit)(void *visitor, const struct script_format_info *), void *visitor);
    void (*each_stat)(void *context, void (*visit)(void *visitor, const char *name, uint64_t value), void *visitor);
    /** Monotonic milliseconds, and seconds since 1970. NULL: the clocks of base/clock.h. */
    uint64_t (*clock_ms)(void *context);
    double (*wall)(void *context);

    void (*session_info)(void *context, struct handle session, struct script_session_info *info);
    /** Queues `message` (lent) for that session alone. */
    void (*session_send)(void *context, struct handle session, struct message *message);
    bool (*session_set_output)(void *context, struct handle session, const char *name); // false: no such format
    bool (*session_set_input)(void *context, struct handle session, const char *name);
    void (*session_set_autofilter)(void *context, struct handle session, uint32_t autofilter);
    /** Sets whether its messages carry ids for a client that may come back. @return false: nothing is kept for that */
    bool (*session_set_resume)(void *context, struct handle session, bool on);
    /** Makes a token on behalf of `session` (none: of the script itself). @return its text, which the caller wipes and
     *  frees; NULL: `err` is set */
    char *(*create_token)(void *context, struct handle session, const struct script_token_wish *wish,
                          struct error *err);
    /** Visits the tokens that were revoked. @param label  `*`: all of the user @param until_s  seconds since 1970 until
     *  when that is kept */
    void (*each_revoked)(void *context,
                         void (*visit)(void *visitor, const char *user, const char *label, uint64_t made_us,
                                       uint64_t until_s),
                         void *visitor);
    /** Ends the session after everything was written. */
    void (*session_close)(void *context, struct handle session);
};

/** The limits of scripts. Call script_limits_default() first. */
struct script_limits {
    size_t memory;            // bytes of the Lua state
    uint64_t time_ms;         // CPU time of one call
    uint64_t pattern_steps;   // steps of one find, match or gsub
    uint64_t call_timeout_ms; // time limit of amp.call without `timeout`
    uint32_t waiting;         // most coroutines that wait
    uint32_t timers;
    uint32_t quarantine; // a filter with so many errors in a minute is not run for some time; 0: never
    bool pass_on_error;  // a failing filter lets its message pass
    bool strict;         // a new object for each message, which finds scripts that keep one (--try)
};
/** Sets the defaults. */
void script_limits_default(struct script_limits *limits);

enum script_kind { SCRIPT_IS_FILTER, SCRIPT_IS_PROXY_ACTION };

/** A file to load. Texts are copied. */
struct script_file {
    enum script_kind kind;
    char *name; // its name in the configuration
    char *path;
};

/** A list of files. All zero: empty. */
struct script_files {
    struct script_file *items;
    size_t count;
};
/** Adds the script `name`: a path if it has a slash, else `root`/filters/NAME.lua or `root`/proxyactions/NAME.lua.
 *  `stock` as a proxy action adds those that come with the program and are in the folder. A name is added only once.
 *  @return false: `err` is set */
bool script_files_add(struct script_files *files, const char *root, enum script_kind kind, const char *name,
                      struct error *err);
/** Adds all *.lua of `folder`, sorted by name. @return false: it cannot be read, and `err` is set */
bool script_files_add_folder(struct script_files *files, enum script_kind kind, const char *folder, struct error *err);
void script_files_fini(struct script_files *files);

struct script_setup {
    const struct script_files *files; // lent during creation
    const char *root;                 // folder in whose lib/ amp.use finds modules; NULL: no modules
    const char *const *more_roots;    // `more_root_count` further folders, searched in order. Lent as `files`
    size_t more_root_count;
    struct script_limits limits;
    struct script_host host;
    struct script_watchdog *watchdog; // NULL: no time limit. Lent, outlives the state
    struct script_shared *shared;     // NULL: use of amp.shared is an error. Lent, outlives the state
    uint32_t worker;                  // index; `once` timers run in worker 0
    struct metrics *metrics;          // NULL: nothing is counted. Lent, outlives the state
};

/** Loads all scripts: filters are compiled, proxy actions run and checked.
 *  @return NULL: `err` is "file:line: what is wrong" */
struct script_state *script_state_create(const struct script_setup *setup, struct error *err);
/** Called by the thread that has made the state, before another one runs it. */
void script_state_leave_thread(const struct script_state *state);
/** Frees the state with its filters and actions. Tasks that wait end without a call of their `done`; calls in flight
 *  stay valid tokens until the host ends them. `state` may be NULL. */
void script_state_destroy(struct script_state *state);
/** Starts nothing new in a state that was replaced. At `deadline_ms`, calls that still wait end with the reason
 *  "reloading", and tasks that then still wait are ended: a proxy action is answered by an Error, the judgement of an
 *  action fails. The owner calls script_state_tick() until script_state_is_idle(), then destroys the state. */
void script_state_retire(struct script_state *state, uint64_t deadline_ms);
/** Does no task and no call wait in the state? */
bool script_state_is_idle(const struct script_state *state);
/** Were there two memory errors within a minute, so that the owner should make a new state? */
bool script_state_is_exhausted(const struct script_state *state);
/** Runs a step of the garbage collector and releases the last message. Called between batches. */
void script_state_step(struct script_state *state);
/** Runs timers that are due, and ends waits whose time limit is reached. */
void script_state_tick(struct script_state *state);
/** Returns the time (clock_ms) for the next script_state_tick(); UINT64_MAX: none is needed. */
uint64_t script_state_due(const struct script_state *state);
/** Returns the bytes that Lua uses. */
size_t script_state_memory(const struct script_state *state);

/* --- filters ----------------------------------------------------------------------------------------------------- */

/** Makes a filter: runs the file of filter `name` for a user. With `per = "class"` one filter serves all users with
 *  equal options.
 *  @param options  NULL: none  @param user  NULL: not for one user  @param observe  only count, change nothing
 *  @return a filter with one reference; NULL: `err` is set */
struct script_filter *script_filter_create(struct script_state *state, const char *name,
                                           const struct script_value *options, const struct script_user *user,
                                           bool observe, struct error *err);
/** Releases a reference, before the state is destroyed. `filter` may be NULL. */
void script_filter_unref(struct script_filter *filter);

enum script_verdict {
    SCRIPT_PASS,   // show the message unchanged
    SCRIPT_DROP,   // hide the message
    SCRIPT_CHANGE, // show the copy in `changed`, a reference of the caller
    SCRIPT_FAIL    // the filter failed: hide the message (with `on_error: pass` the verdict is SCRIPT_PASS)
};
/** Is the message an event, or part of the answer to the user's own action? */
enum script_source { SCRIPT_EVENT, SCRIPT_ANSWER };

/** Judges a message. Answers pass unless the filter has `answers = true`; the end of a list always passes. In place of
 *  a dropped Response the caller must send an Error, as the client waits for one.
 *  @param changed  set to NULL, except for SCRIPT_CHANGE */
enum script_verdict script_filter_message(struct script_filter *filter, struct message *message,
                                          enum script_source source, struct message **changed);
/** Tells the state of an event from a server, before filters judge it and whether or not they do: calls end by it
 *  (m.call). Costs nothing while no filter uses that. */
void script_state_heard(struct script_state *state, const struct message *message);
/** Does this filter judge actions, answers? If not, the owner need not call it. */
bool script_filter_has_action(const struct script_filter *filter);
bool script_filter_has_answers(const struct script_filter *filter);
/** Must the filter judge each event exactly once, even if no session of its user is there? */
bool script_filter_is_stateful(const struct script_filter *filter);
/** Passes the data that filters of `from` keep (`save`) to the filters of `to` with the same file, user and options
 *  (`restore`). Failures are logged, and the data are lost. */
void script_state_hand_over(struct script_state *from, struct script_state *to);

/** Receives the verdict on an action of `session`.
 *  @param action  the action, or with SCRIPT_CHANGE the changed copy; lent
 *  @param reason  with SCRIPT_DROP the reason for the client; with SCRIPT_FAIL a text without internals */
typedef void script_judged(void *context, struct handle session, enum script_verdict verdict, struct message *action,
                           const char *reason);
/** Judges an action of `session`; the script may wait. `done` is called once, maybe before this function returns; it is
 *  not called if the session ends first (script_session_gone()). */
void script_filter_action(struct script_filter *filter, struct message *action, struct handle session,
                          script_judged *done, void *context);

/** Judges a message with several filters, each with the result of the previous one. Of filters with `either = true`
 *  (cdronly, brionly …) only one must let the message pass. */
enum script_verdict script_chain_message(struct script_filter *const *filters, size_t count, struct message *message,
                                         enum script_source source, struct message **changed);
/** Does the same for an action: the first refusal is the verdict. `done` as of script_filter_action(). Holds a
 *  reference of each filter meanwhile. */
void script_chain_action(struct script_filter *const *filters, size_t count, struct message *action,
                         struct handle session, script_judged *done, void *context);
/** Does the same for an action that the proxy action `by` (copied) sends for that session. */
void script_chain_call(struct script_filter *const *filters, size_t count, struct message *action,
                       struct handle session, const char *by, script_judged *done, void *context);

/* --- proxy actions ----------------------------------------------------------------------------------------------- */

struct script_action_info {
    const char *name, *summary;
    uint32_t classes; // any of these write classes allows it; 0: all users
    bool admin;
};
/** Finds a proxy action by name (in any case). @return NULL: there is none */
struct script_action *script_action_find(const struct script_state *state, struct span name);
const struct script_action_info *script_action_info(const struct script_action *action);

/** Receives the complete messages (lent) of the answer for `session`, in order. @param final  it is the last one */
typedef void script_replied(void *context, struct handle session, struct message *message, bool final);
/** Checks rights and arguments, and runs the action. `replied` is called at least once, maybe before this function
 *  returns, and not after the session has ended. */
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
/** Runs the functions of amp.on for an event. @param session  for session events @param server  for server events */
void script_event_tell(struct script_state *state, enum script_event event, struct handle session, const char *server);
/** Ends the tasks of a session that ends, and makes its objects invalid. Call it after SCRIPT_SESSION_CLOSED. */
void script_session_gone(struct script_state *state, struct handle session);

/** Returns the session whose proxy action has made the call. @param by  set to the name of that action; NULL: a timer
 *  or hook has made the call, for no session */
struct handle script_call_session(const struct script_call *call, const char **by);
/** Adds a message (a reference is taken) to the answer. */
void script_call_message(struct script_call *call, struct message *message);
/** Gives the answer to a request of amp.http. @param head  lines of its headers; lent @param body  lent */
void script_call_fetched(struct script_call *call, unsigned status, struct span head, struct span body);
/** Completes the answer, exactly once per call; the token is invalid afterwards. May run the script that waits.
 *  @param reason  why the call failed; NULL: it succeeded */
void script_call_end(struct script_call *call, const char *reason);
/** Does a script still wait for the call? If not, it need not be started, only ended with script_call_end(). */
bool script_call_is_awaited(const struct script_call *call);

/* --- for --repl -------------------------------------------------------------------------------------------------- */

/** Lines of Lua with common variables, within the limits of scripts. */
struct script_repl;
enum script_repl_result { SCRIPT_REPL_TRUE, SCRIPT_REPL_OTHER, SCRIPT_REPL_FAILED }; // TRUE: the first value is true

/** @param filter  whose tables m.call gives; NULL: none. Lent, as the state */
struct script_repl *script_repl_create(struct script_state *state, struct script_filter *filter);
void script_repl_destroy(struct script_repl *repl);
/** Evaluates an expression, or runs statements.
 *  @param message  the variable m; NULL: nil
 *  @param shown  set to the values as a text, or to the error; the caller frees it */
enum script_repl_result script_repl_line(struct script_repl *repl, struct message *message, const char *line,
                                         char **shown);

/* --- for ListScripts, --profile, tests --------------------------------------------------------------------------- */

struct script_report {
    const char *name, *kind; // "filter" or "proxy action"
    const char *user;        // NULL: not for one user
    uint64_t seen, entered, passed, dropped, changed, failed;
    bool observed, quarantined;
};
/** Returns the counts of one filter. The texts are valid as long as the filter. */
struct script_report script_filter_report(const struct script_filter *filter);
/** Visits the counts of all filters and proxy actions. */
void script_state_report(const struct script_state *state, void (*visit)(void *visitor, const struct script_report *),
                         void *visitor);
/** Ends the quarantine of the filters of that name, for all users. @return how many there were */
uint32_t script_state_release(struct script_state *state, struct span name);
/** Visits the counters of amp.count. */
void script_state_counters(const struct script_state *state,
                           void (*visit)(void *visitor, const char *name, uint64_t value), void *visitor);
/** Runs the tests of all loaded files. @return false: `err` is that of the first test that fails */
bool script_state_test_all(struct script_state *state, struct error *err);
/** Runs the test (amp.test) in the file of filter `name`. @param ran  set to whether there is one @return false: `err`
 *  is set */
bool script_state_test(struct script_state *state, const char *name, bool *ran, struct error *err);

#endif
