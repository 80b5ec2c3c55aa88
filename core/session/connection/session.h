// core/session/connection/session.h: one client connection. Private to this room.  Thread: the session's worker.
#ifndef SESSION_CONNECTION_SESSION_H
#define SESSION_CONNECTION_SESSION_H

#include "ami/digest.h"
#include "base/list.h"
#include "base/log.h"
#include "base/map.h"
#include "net/listener.h"
#include "plugin/host.h"
#include "session/connection/end.h"
#include "session/connection/sessions.h"
#include "session/delivery/output.h"

struct check;
struct event_filters;
struct login_failure;
struct view_feed;

/** Where a session's last action went: to the main lane of a server, or to a slow one. */
enum asked { ASKED_NOBODY, ASKED_MAIN, ASKED_SLOW };

/** What the user's scripts say of an action. */
enum judgement { JUDGEMENT_NONE, JUDGEMENT_WAITING, JUDGEMENT_PASSED, JUDGEMENT_REFUSED };

/** A message that was read but not acted upon yet: an earlier action must be answered first, or a script judges it. */
struct held {
    struct held *next;
    struct message *message;
    const char *rejected; // why it cannot be an action, NULL: it can
    enum judgement judgement;
    char *reason; // why it was refused
};

/** A session's places in the lists of its worker (struct sessions, struct view_feed). */
struct session_links {
    struct list_node all;       // or, once it has ended, of those that are freed at the end of the turn
    struct list_node timed;     // with a deadline, a timer or a rate to look at
    struct list_node feed;      // readers of the same feed
    struct list_node dirty;     // with bytes to write
    struct list_node waiting;   // for an event (WaitEvent)
    struct list_node listening; // protocols that are told of every event as a message
};

struct session {
    struct map_node by_id; // first, so that one is the other
    struct sessions *sessions;
    struct session_links links;
    struct view_feed *view_feed; // NULL: no events
    uint64_t id;
    struct handle handle; // what others keep who may outlive it: asks, scripts, checks. Finds it till session_end()
    uint32_t identity;    // counts who it is logged in as: what was asked as another is not answered to this one

    struct transport transport;
    struct output output;
    const struct listen_config *listen;
    uint32_t listener_number;              // what reports call it by
    const struct amp_plugin *input_format; // NULL: not known yet, see detect.h
    const struct amp_plugin *next_format;  // SetInputFormat: of the bytes that follow
    const struct amp_plugin *output_format;
    amp_frame *frame;        // around each message, NULL: none
    void *decoder;           // of input_format
    void *protocol;          // its state, if input_format is a protocol
    struct tls_context *tls; // not decided yet whether the client encrypts; NULL: decided
    struct amp_input input;
    char *unread; // bytes read but not decoded
    size_t unread_length;

    struct config *config;          // that `user` belongs to; one reference
    struct config *listen_config;   // that `listen` belongs to; one reference. Older if its listener is gone
    const struct user_config *user; // NULL: none, or logged in by ProxyKey
    struct view *view;              // NULL: no filters
    uint32_t read, write, mask;     // rights, and what the client asked for
    struct event_filters *filters;  // by Action: Filter, NULL: none
    struct message *waiting;        // a WaitEvent that is not answered yet, NULL: none
    enum autofilter autofilter;
    char *last_id; // autofilter on: the ActionID sent last, NULL: none yet
    char challenge[DIGEST_CHALLENGE_SIZE];
    uint64_t challenge_ms; // when it was given, 0: none that may still be used

    struct list_head asks; // in flight, unanswered; one reference each
    uint32_t ask_count;
    char *lane; // the server to which they went, NULL: whichever is up; with `asked`, so that answers keep their order
    struct held *held_first, *held_last;
    uint32_t held_count;

    uint64_t opened_ms;
    uint64_t deadline_ms;                // 0: none
    uint64_t timer_ms;                   // of detection, then of the protocol; 0: none
    uint64_t login_by_ms;                // while not logged in: the end of its patience, whatever it tries, 0: for ever
    struct message *failed_login;        // its answer is due at the deadline; nothing else is read till then
    const struct login_failure *failure; // why it failed
    struct check *check;           // of a secret, on its way; NULL: none. It always comes back before it is freed, so
                                   // this never outlives it. The session is `running` meanwhile
    struct message *checked_login; // that it belongs to
    char *counted_user;            // whose sessions this one was counted among, NULL: nobody's
    bool counted;                  // among those that have logged in
    uint8_t asked;                 // enum asked
    bool throttled;                // has used up its actions_per_second
    double allowance;              // of actions, refilled with time
    uint64_t allowance_ms, active_ms;
    bool authenticated, admin;
    bool identified;        // … by a Login or a ProxyKey, not because none is required
    bool streaming;         // a protocol's: encoded like a format's, with frames; others are given messages
    bool woken;             // the event that it waits for is on its way
    bool heard;             // it has sent something
    bool dispatching;       // acts upon what is held: what is handed in meanwhile follows
    bool running;           // a proxy action or a check is at work: what follows waits for its answer
    bool deferred;          // … or a judgement, and it has returned to us without it
    bool switching;         // a SetInputFormat waits its turn: nothing is decoded until then
    bool spoken;            // said something that no plugin is sure of yet
    bool was_silent;        // for so long that it got the banner, and has said nothing since
    bool input_ended;       // the client will send no more
    bool input_finished;    // … and the decoder was told
    bool closing;           // close once everything is written
    bool lingering;         // everything is written and said; waits for the client to close
    bool dead;              // to be freed
    bool shaking_hands;     // has begun to encrypt, and nobody knows yet whether that works
    uint64_t backlog_bytes; // as counted among the worker's
    uint64_t unsent_bytes;  // the same
    char address[LISTENER_ADDRESS_SIZE];
};

/** session=… user=… address=… */
struct log_context session_log(const struct session *session);

struct session *session_create(struct sessions *sessions, const struct accepted *accepted);
/** Frees at once. Use session_end() from anywhere but the set. */
void session_destroy(struct session *session);
/** Ends the session now, without writing what is left; freed at the end of the turn. */
void session_end(struct session *session, enum session_end_reason reason);
/** session_end() because the connection has ended or failed: its own words go into the log. */
void session_end_connection(struct session *session);
/** `plugin` did what no plugin may (static text `what`, of the function or callback): the log names it, and the session
 *  ends. Others, of the same plugin too, go on. */
void session_plugin_failed(struct session *session, const struct amp_plugin *plugin, const char *what);
/** Takes no more input and ends once everything was written. */
void session_finish(struct session *session);
/** Writes what it can; applies the slow-client rule. */
void session_flush(struct session *session);
/** Acts upon a deadline or timer that has passed. */
void session_expire(struct session *session, uint64_t now_ms);
/** Sets (0: clears) the time at which the session ends, or its failed login is answered. */
void session_set_deadline(struct session *session, uint64_t deadline_ms);
/** Sets (0: clears) the time at which detection gives up, or the protocol's timer() is called. */
void session_set_timer(struct session *session, uint64_t timer_ms);
/** Gives the session a message (taken) of its own: encoded in its format, or handed to its protocol as `delivery`. */
void session_give(struct session *session, struct message *message, enum amp_delivery_kind kind, bool final,
                  enum amp_reason reason);
/** session_give() of an answer that is one message and no error of ours. */
void session_send(struct session *session, struct message *message);
/** Is the session to be sent bytes (not messages for its protocol)? */
bool session_is_encoded(const struct session *session);
/** From now on the client speaks `plugin`. */
void session_speak(struct session *session, const struct amp_plugin *plugin);
/** What waits to be written for it now. */
void session_count_backlog(struct session *session, uint64_t bytes);
/** It ends. */
void session_count_end(struct session *session, enum session_end_reason reason);
/** An action of the session was answered. */
void session_count_answer(struct session *session, enum amp_reason reason);
/** One ask of the session was answered completely: what waited for that is acted upon, and reading goes on. */
void session_answered(struct session *session, struct ask *ask);
/** Who the session is now; texts are lent. */
void session_describe(const struct session *session, struct directory_entry *entry);
/** It ends: it is counted no more. */
void session_leave_limits(struct session *session);
/** Tells the directory so, and the limits whether it is logged in. */
void session_publish(struct session *session);
/** Puts the session on the feed that its login, mask and autofilter ask for. */
void session_choose_feed(struct session *session);

#endif
