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
#include "session/connection/state.h"
#include "session/connection/wait.h"
#include "session/delivery/output.h"

struct event_filters;
struct view_feed;

/** Where a session's last action went: to the main lane of a server, or to a slow one. */
enum asked { ASKED_NOBODY, ASKED_MAIN, ASKED_SLOW };

/** What the user's scripts have said of an action. */
enum judgement { JUDGEMENT_NONE, JUDGEMENT_PASSED, JUDGEMENT_REFUSED };

/** A message that was read but not acted upon yet: an earlier action must be answered first, or a script judges it. */
struct held {
    struct held *next;
    struct message *message;
    const char *rejected; // why it cannot be an action, NULL: it can
    enum judgement judgement;
    char *reason;        // why it was refused
    bool changes_format; // a SetInputFormat, or behind one: bytes that follow may be of another format
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

/** What it speaks. */
struct session_format {
    const struct amp_plugin *input; // NULL: not known yet, see detect.h
    const struct amp_plugin *next;  // SetInputFormat: of the bytes that follow
    const struct amp_plugin *output;
    amp_frame *frame; // around each message, NULL: none
    void *decoder;    // of `input`
    void *protocol;   // its state, if `input` is a protocol
    bool streaming;   // a protocol's: encoded like a format's, with frames; others are given messages
};

/** What is found out before that is known. */
struct session_detection {
    struct tls_context *tls; // not decided yet whether the client encrypts; NULL: decided
    bool encrypting;         // TLS has begun, and nobody knows yet whether it works
    bool spoken;             // said something that no plugin is sure of yet
    bool judged;             // its first bytes were looked at: detect_first()
    bool was_silent;         // for so long that it got the banner, and has said nothing since
};

/** What came from the client and was not acted upon. */
struct session_input {
    struct amp_input messages; // what decoders put messages into
    char *unread;              // bytes read but not decoded
    size_t unread_length;
    struct held *held_first, *held_last;
    uint32_t held_count;
    bool dispatching; // acts upon what is held: what is handed in meanwhile follows
    bool heard;       // it has sent something
    bool ended;       // the client will send no more
    bool finished;    // … and the decoder was told
};

/** The events that it asked for. */
struct session_events {
    uint32_t mask;
    struct event_filters *filters; // by Action: Filter, NULL: none
    enum autofilter autofilter;
    char *last_id; // autofilter on: the ActionID sent last, NULL: none yet
};

struct session_challenge {
    char text[DIGEST_CHALLENGE_SIZE];
    uint64_t given_ms; // 0: none that may still be used
};

/** What it has asked servers, unanswered. They all went the same way, so that answers keep their order. */
struct session_asks {
    struct list_head list; // of `struct ask`, by of_session; one reference each
    uint32_t count;
    char *server; // NULL: whichever is up
    enum asked lane;
};

/** limits.actions_per_second */
struct session_rate {
    double allowance; // of actions, refilled with time
    uint64_t counted_ms;
};

/** What it was counted as, so that just that is taken off again. */
struct session_counted {
    char *user;     // whose sessions it was counted among, NULL: nobody's
    bool logged_in; // among those that have logged in
    uint64_t backlog_bytes, unsent_bytes;
};

struct session {
    struct map_node by_id; // first, so that one is the other
    struct sessions *sessions;
    struct session_links links;
    uint64_t id;
    struct handle handle; // what others keep who may outlive it: asks, scripts, checks. Finds it till session_end()
    char address[LISTENER_ADDRESS_SIZE];

    const struct listen_config *listen;
    struct config *listen_config; // that `listen` belongs to; one reference. Older if its listener is gone
    uint32_t listener_number;     // what reports call it by

    struct transport transport;
    struct session_detection detection;
    struct session_format format;
    struct session_input input;
    struct output output;
    struct view_feed *view_feed; // NULL: no events

    struct config *config;          // that `user` belongs to; one reference
    const struct user_config *user; // NULL: none, or logged in by ProxyKey
    struct view *view;              // NULL: no filters
    uint32_t read, write;           // rights
    uint32_t identity; // counts who it is logged in as: what was asked as another is not answered to this one
    bool authenticated, admin;
    bool identified;          // … by a Login or a ProxyKey, not because none is required
    enum session_state state; // session_enter() is its only writer
    struct wait wait;         // begun and ended by wait.h alone
    struct session_challenge challenge;
    struct session_events events;
    struct session_asks asks;
    struct session_rate rate;
    struct session_counted counted;

    uint64_t opened_ms, active_ms;
    uint64_t deadline_ms; // 0: none
    uint64_t timer_ms;    // of detection, then of the protocol; 0: none
    uint64_t login_by_ms; // while not logged in: the end of its patience, whatever it tries, 0: for ever
};

/** Takes no more input: it finishes, or has ended. */
static inline bool session_is_ending(const struct session *session)
{
    return session->state >= SESSION_FINISHING;
}

/** Has ended: nobody finds it any more, whoever holds it up the stack lets go of it. */
static inline bool session_is_dead(const struct session *session)
{
    return session->state == SESSION_DEAD;
}

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
