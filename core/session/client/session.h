// core/session/client/session.h: one client connection. Private to session/.  Thread: the session's worker.
#ifndef SESSION_CLIENT_SESSION_H
#define SESSION_CLIENT_SESSION_H

#include "ami/digest.h"
#include "base/deadlines.h"
#include "base/list.h"
#include "base/log.h"
#include "base/map.h"
#include "net/listener.h"
#include "plugin/host.h"
#include "session/client/end.h"
#include "session/client/link.h"
#include "session/client/state.h"
#include "session/client/wait.h"
#include "session/delivery/output.h"

struct audit;
struct by_token;
struct event_filters;
struct exported;
struct session_resume;
struct sessions;
struct view_feed;

/** To which kind of lane the session's last action went. */
enum asked { ASKED_NOBODY, ASKED_MAIN, ASKED_SLOW };

/** The verdict of the user's scripts on an action. */
enum judgement { JUDGEMENT_NONE, JUDGEMENT_PASSED, JUDGEMENT_REFUSED };

/** A message that was decoded but not handled yet, because an earlier action must be answered first or a script judges
 *  it. */
struct held {
    struct list_node node; // in session->input.held
    struct message *message;
    const char *rejected; // why it cannot be an action, NULL: it can
    enum judgement judgement;
    char *reason;          // why scripts refused it; NULL: they did not
    uint32_t judged_again; // reloads that interrupted its scripts' verdict
    bool changes_format;   // this is a SetInputFormat or follows one: the next bytes may be in another format
};

/** A session's nodes in the lists of its worker (struct sessions, struct view_feed). */
struct session_links {
    struct list_node all;       // all sessions; after the end, the sessions that are freed at the end of the turn
    struct list_node feed;      // readers of the same feed
    struct list_node dirty;     // sessions with bytes to write
    struct list_node waiting;   // sessions in `WaitEvent`
    struct list_node moving;    // sessions that go to another worker
    struct list_node listening; // sessions whose protocol receives every event as a message
};

/** The formats of a session. */
struct session_format {
    const struct amp_plugin *input; // NULL: not known yet, see detect.h
    const struct amp_plugin *next;  // after SetInputFormat: the format of the bytes that follow; else NULL
    const struct amp_plugin *output;
    amp_frame *frame; // around each message, NULL: none
    void *decoder;    // the decoder of `input`, NULL: it has none
    void *protocol;   // the state of `input` if that is a protocol, else NULL
    bool streaming;  // the protocol's client receives encoded bytes, with frames; without it the protocol gets messages
    bool collecting; // events are encoded and kept until the protocol takes them; answers go to it as messages
};

/** State of the detection of the input format (detect.h). */
struct session_detection {
    struct tls_context *tls; // not NULL while it is not known whether the client encrypts
    bool encrypting;         // the TLS handshake has begun and is not complete
    bool spoken;             // the client has sent bytes that no plugin recognises yet
    bool judged;             // detect_first() has checked the first bytes
    bool was_silent;         // the client sent nothing for `detect_timeout`, and nothing since
};

/** Bytes and messages of the client that were not handled yet. */
struct session_input {
    struct amp_input messages; // the interface through which decoders hand in messages
    char *unread;              // bytes read but not decoded
    size_t unread_length;
    struct list_head held; // of struct held, in the order in which they came
    uint32_t held_count;
    bool dispatching; // held messages are being handled; messages that are handed in meanwhile are appended
    bool heard;       // the client has sent at least one byte
    bool ended;       // the client will send no more
    bool finished;    // … and the decoder was told
};

/** The events that the session asked for. */
struct session_events {
    uint32_t mask;
    enum autofilter autofilter;
    struct event_filters *filters; // of `Action: Filter`, NULL: none
    char *last_id;                 // with `autofilter: on` the ActionID that was sent last; NULL: none yet
};

/** What `Action: Challenge` was answered. */
struct session_challenge {
    uint64_t given_ms; // when
    char text[DIGEST_CHALLENGE_SIZE];
};

/** The session's unanswered asks. All went to the same server and kind of lane, so that their answers keep the order.
 */
struct session_asks {
    struct list_head list; // of `struct ask`, by of_session; one reference each
    uint32_t count;
    enum asked lane : 4;
    bool fixed : 1;              // only that server; else it was the first that was up
    uint32_t server_length : 27; // a message of a client is shorter (limits.message)
    char *server;                // NULL: none was up
};

/** Requests that connections pass to sessions without one (detached.h). One reference each. */
struct session_requests {
    struct list_head open;        // a session without a connection: those that it is to answer
    struct session_request *sent; // a connection: the one that it waits for; NULL: none
};

/** State of limits.actions_per_second: a token bucket. */
struct session_rate {
    double allowance; // actions that may be sent now
    uint64_t counted_ms;
};

/** What the session did last, for reports. */
struct session_last {
    const char *action; // of the catalogue; NULL: `name`
    char *name;         // cut; NULL: none
    uint64_t at_ms;     // by the worker's beat, once a second
};

/** How fast the client reads. Only differences count, so that the lower halves of the values are enough. */
struct session_reading {
    uint32_t full_ms;     // clock_ms() when the kernel last took bytes, and not all of them
    uint32_t sent_before; // SESSION_FINISHING: bytes that the kernel had taken when its present time began
};

/** What the session was counted as, so that exactly this is subtracted later. */
struct session_counted {
    const char *user; // whose sessions include this one: lent by the session limits; NULL: none
    bool logged_in;   // counted among the sessions that have logged in
    bool audience;    // … and among those for which events matter
    uint64_t backlog_bytes, unsent_bytes;
};

/** Pointers to a session are kept by what belongs to it (its transport, input, protocol) and by the lists of its
 * worker, which session_end() leaves; and they are passed down the stack: a session that has ended is freed after the
 * turn. Everything else that may outlive it (asks, scripts, checks, timers) has the handle. tests/check_includes.py
 * looks for other fields. */
struct session {
    struct map_node by_id; // must be first: a pointer to it is cast to the session
    struct sessions *sessions;
    struct session_links links;
    uint64_t id;
    struct handle handle; // for asks, scripts and checks, which may outlive the session; valid until session_end()
    char address[LISTENER_ADDRESS_SIZE]; // of the client; access/address.h is its only writer after the opening
    char *balancer; // address of the connection, if the balancer at its end may name other clients; NULL: it may not

    const struct listen_config *listen;
    struct config *listen_config; // that `listen` belongs to, one reference; an older one if its listener was removed

    struct exported *exported; // it has none because what it is sent is exported; NULL: it is not
    struct session_requests requests;
    struct transport transport;
    struct session_detection detection;
    struct session_format format;
    struct session_input input;
    struct output output;
    struct view_feed *view_feed; // NULL: no events

    struct config *config;          // that `user` belongs to; one reference
    const struct user_config *user; // NULL: not logged in, or logged in by ProxyKey
    struct view *view;              // NULL: no filters
    struct by_token *token;         // by which it has logged in (access/by_token.h); NULL: by none
    uint32_t read, write;           // rights
    uint32_t identity;        // counts changes of user: messages for an action of another user are not sent to this one
    uint32_t listener_number; // the listener's number in reports
    enum session_state state; // session_enter() is its only writer
    bool detached : 1;        // it has no connection: `transport` is closed from the beginning
    bool authenticated : 1, admin : 1;
    bool identified : 1; // authenticated by a Login or a ProxyKey, not by `auth.required: false`
    bool outdated : 1;   // a reload has changed what its login was judged by, and it would be refused now
    bool vouched : 1;    // a connection that had the key of a session that has logged in, and need not log in itself
    bool lagging : 1;    // session_flush(): its kernel has taken nothing since `reading.full_ms`, and is given little
    struct wait wait;    // the functions of wait.h are its only writers
    struct session_challenge *challenge; // that may still be used; NULL: none
    const struct amp_digest *digest;     // lent: a Login is compared with it (access/http_digest.h); NULL: it is not
    struct session_events events;
    struct session_asks asks;
    struct session_rate rate;
    struct session_counted counted;
    struct session_reading reading;
    struct session_last last;
    struct audit *audited;         // record of the proxy action that runs; NULL: none
    struct session_resume *resume; // resume_of() reads it; NULL: its messages carry no ids, and it resumes nothing

    uint64_t opened_ms, active_ms;
    struct deadline due;  // the earliest of its times; due_watch() sets it
    uint64_t deadline_ms; // 0: none
    uint64_t timer_ms;    // of detection, then of the protocol; 0: none
    uint64_t login_by_ms; // while not logged in: when the session ends, whatever it tries; 0: never
};

/** Does the session take no more input, because it finishes or has ended? */
static inline bool session_is_ending(const struct session *session)
{
    return session->state >= SESSION_FINISHING;
}

/** Has the session ended? Its handle finds it no more, and callers that still hold it must return. */
static inline bool session_is_dead(const struct session *session)
{
    return session->state == SESSION_DEAD;
}

/** Returns the facts of each log line about the session: session=… user=… address=… */
struct log_context session_log(const struct session *session);

/** Ends the session now, without writing what is left. It is freed at the end of the loop's turn. */
void session_end(struct session *session, enum session_end_reason reason);
/** session_end() because the connection has ended or failed. The log has the transport's reason. */
void session_end_connection(struct session *session);
/** Ends the session because `plugin` broke a rule of the ABI; the log names the plugin. Other sessions go on, also
 *  those of the same plugin. @param what  static text: which function or callback did what */
void session_plugin_failed(struct session *session, const struct amp_plugin *plugin, const char *what);
/** Takes no more input, and ends the session after everything was written. */
void session_finish(struct session *session);
/** Goes on with what the client has sent, after a wait has ended (input_resume(), by way of struct session_hooks). */
void session_resume(struct session *session);
/** Ends a `WaitEvent` without an answer. Does nothing if the session waits for something else. */
void session_leave_event_wait(struct session *session);
/** Does the session receive encoded bytes? If not, its protocol receives messages. */
bool session_is_encoded(const struct session *session);

#endif
