// core/session/client/set.h: the definition of `struct sessions`, for the files of session/ only.
// Thread: the worker's.
#ifndef SESSION_CLIENT_SET_H
#define SESSION_CLIENT_SET_H

#include "session/client/publish.h"
#include "session/client/session.h"
#include "session/delivery/kept_feed.h"
#include "session/scripting/states.h"

#include <pthread.h>

struct exported;
struct script_client;
struct shared;

/** A feed of this worker: the events that its readers see, in one format. */
struct view_feed {
    // what each event needs comes first
    struct view_feed *next;
    uint32_t mask;                 // event classes that the readers asked for and have a right to
    bool everything;               // `autofilter: off`: with other clients' answers and ActionIDs
    bool grew;                     // since its readers were marked for the flush
    struct view *view;             // NULL: unfiltered
    struct event_filters *filters; // `Action: Filter` of its readers, one reference; NULL: none
    struct shared *shared;         // with feeds of the same format; NULL: its messages carry ids, so none is shared
    struct metric *events;         // counts the events sent to sessions in this format
    uint64_t reader_count;
    struct feed feed;
    struct list_node grown;   // in the list of feeds that grew and were not settled since
    struct list_head readers; // sessions, by links.feed
    const struct amp_plugin *format;
    amp_frame *frame;          // NULL: none
    enum resume_ids ids;       // that its messages carry
    amp_id_frame *id_frame;    // in place of `frame`; NULL: none
    struct kept_feed *kept;    // it keeps its past; NULL: it does not
    struct exported *exported; // it is read by the session of that export alone; NULL: it is not exported
};

/** What the folders of session/ above this one do for it, as it may not call them. Set by sessions_create(). */
struct session_hooks {
    void (*resume)(struct session *session);     // goes on with what the client has sent: session_resume()
    void (*leave_feed)(struct session *session); // the session reads no feed any more
    void (*rest)(struct sessions *sessions);     // ends a turn in which scripts ran
    void (*ending)(struct session *session);     // it ends now: drops its scripts' tasks, its check, its requests
};

struct sessions {
    const struct session_hooks *hooks;
    struct event_base *base;
    struct handles handles; // of the sessions that have not ended
    struct map by_id;       // the same sessions
    uint32_t worker;
    struct config *config;
    const struct registry *registry;
    struct sessions_link link;
    struct metrics_worker *metrics; // this worker's
    struct servers_state *state;    // never NULL; changed under `state_lock`, as other threads read it
    pthread_mutex_t state_lock;
    struct pool asks, held;       // blocks of `struct ask`, `struct held`
    struct message_builder spare; // memory for the action that is decoded next, of any session
    struct script_states scripts;
    struct view_verdicts verdicts;
    struct calls *replaced_rules;        // until sessions_take_replaced(), NULL: none
    struct list_head script_asks;        // asks of scripts in flight, by of_session
    struct list_head commands;           // commands of scripts that are at the hub, by node
    struct list_head fetches;            // requests of scripts to other hosts (scripting/http_host.c)
    struct script_client *script_client; // for these; NULL: there was none yet
    struct list_head judged_calls;       // actions of proxy actions that their session's filters are judging
    uint64_t script_ask_count;
    struct event *script_timer;
    uint64_t script_due_ms;     // when script_timer expires; UINT64_MAX: it is not set
    struct session_shown shown; // the session that a script is shown
    char shown_ip[LISTENER_ADDRESS_SIZE];
    struct list_head all, dirty, dead; // sessions, by the link of that name (`dead` by links.all)
    struct list_head tokens;           // tokens that sessions have logged in by (struct by_token)
    size_t count, promiscuous;
    size_t audience;     // sessions that have logged in, and kept feeds without one
    bool has_audience;   // what the hub was told last
    bool delivering;     // the feeds are being walked: a feed without readers is freed after that
    uint64_t started_ms; // when the worker was made, which is when the proxy started
    uint64_t events;     // events that the hub has sent, for Stats: the same number in each worker
    struct view_feed *feeds;
    struct list_head grown;                      // the feeds that grew and were not settled since
    struct shared *shared;                       // what feeds of one format and frame share
    uint64_t delivered;                          // number of the entry that is being delivered
    struct kept kept;                            // the feeds that keep their past
    struct deadlines times;                      // of sessions that wait for one, by `due`
    struct event *timer;                         // for the first of them
    uint64_t timer_ms;                           // when `timer` expires; DEADLINE_NEVER: it is not set
    struct event *drain;                         // NULL: the proxy is not going down
    uint64_t close_by_ms;                        // when all clients must have been informed
    bool drained;                                // the last session has ended, and link.drained() was called
    struct list_head moving, waiting, listening; // sessions, by the link of that name
    struct list_head exports, exports_ending;    // of struct exported; the latter have no session any more
    struct event *exports_again;                 // begins those whose session was ended; NULL: none was
    struct recoder *recoder;                     // of servers with an encoding (delivery/recode.h); NULL: none has one
    struct amp_output scratch;                   // bytes of the message that was encoded last
    struct message *encoded; // that message, one reference, so that no other has its address; NULL: none
    const struct amp_plugin *encoded_format;
    struct amp_output before, after; // output of the last own_frame()
    struct session *framing;         // the session whose own_frame() is running, set for that call alone; NULL: none
    bool own_frames;                 // a session has used a protocol with own_frame()
    struct amp_output framed;        // bytes of `scratch` with the frame `framed_by`
    amp_frame *framed_by;            // NULL: `framed` is not valid
    bool encoding_failed;            // the last encode_message() returned no bytes because the plugin failed
    char read_buffer[64 * 1024];
};

/** The session whose link `name` is `node` (not NULL). */
#define SESSION_AT(node, name) LIST_OBJECT(node, struct session, links.name)

/** Returns the session with that handle; NULL: it has ended. The pointer is valid until control returns to the event
 *  loop: keep the handle, not the pointer. */
struct session *sessions_find(const struct sessions *sessions, struct handle handle);
/** Marks the session for the flush at the end of the turn. */
void sessions_mark_dirty(struct session *session);
/** Does the session's protocol receive every event as a message? */
bool sessions_is_listening(const struct session *session);
/** Sets whether the session's protocol receives every event as a message. */
void sessions_listen(struct session *session, bool on);
/** Reports the numbers of sessions to the worker. */
void sessions_count_changed(struct sessions *sessions);
/** Counts `more` sessions and kept feeds for which events matter, or fewer, and tells the hub if there is somebody now,
 *  or nobody. Scripts and rules that follow what happens matter, too, whoever is there: call it with 0 when these may
 *  have changed. */
void sessions_change_audience(struct sessions *sessions, int more);
/** Notes whether events matter for the session: it has logged in; its events are exported only if this node owns their
 *  server, but filters may have to know what happened before that. */
void sessions_judge_audience(struct session *session, bool logged_in);

#endif
