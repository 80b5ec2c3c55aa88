// core/letters/letters.h: the messages between the hub and the workers. Sessions and servers do not know each other: a
// session sends an `ask`, and the hub answers with entries of a `batch`. Both rooms include this header, which includes
// neither. Thread: see each part.
#ifndef LETTERS_LETTERS_H
#define LETTERS_LETTERS_H

#include "ami/message.h"
#include "ami/privileges.h"
#include "astmanproxy/plugin.h"
#include "base/handles.h"
#include "base/list.h"
#include "base/mailbox.h"
#include "base/pool.h"
#include "base/spares.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct audit;
struct script_call;
struct coalesced;

/** Shall the hub send an ask that it has not sent to a server yet? */
enum ask_withdrawal {
    ASK_WANTED,
    ASK_UNAWAITED, // no: nobody waits for the answer any more
    ASK_DENIED     // no: it was permitted once, but the rights of its user have changed
};

/** One action on its way to a server, and the address for its answers. It is counted: the asking worker has a reference
 *  until the answer is complete, the hub as long as messages may answer it, and each entry of a batch has one. An ask
 *  may outlive its session, so `session` is a handle that the worker looks up. The hub knows only the session's number,
 *  for ActionIDs and logs. Fields marked "worker" are read and written by the asking worker only, those marked "hub" by
 *  the hub only; the others are immutable. */
struct ask {
    struct letter letter; // kind HUB_ASK; must be first
    atomic_uint references;
    struct handle session;       // worker: the asking session, which may have ended; none: a script or the hub asks
    uint32_t identity;           // worker: the session's `identity` when it asked
    bool over;                   // worker: the answer is complete; further messages are late
    struct script_call *call;    // worker: the script's call that waits, NULL: none. The worker ends it exactly once,
                                 // even if the script has ended
    struct audit *audit;         // worker (of_bus: hub): the record of the action, until its outcome is known; or NULL
    struct list_node of_session; // worker: in the list of asks of the session, or of the worker's scripts
    uint32_t withheld;           // worker: number of items of the answer that the user may not see
    uint64_t session_id;         // for the ActionID on the wire and for logs
    uint32_t worker;             // index of the asking worker
    bool alone;                  // the session has no other ask in flight, so this one may be answered out of turn
    struct coalesced *share;     // hub: the asks that wait for the same answer, NULL: none
    bool of_script;              // a script asks: no session sees the answers
    bool of_hub;                 // the hub asks which channels are up; all workers get the answer (ENTRY_CHANNEL)
    bool of_pbx;                 // … for the figures of listeners with `pbx_metrics`, which alone get the answer
    bool of_handover;            // the hub asks: when the answer comes, all before it was read. Nobody gets it
    bool of_bus;                 // another node of the cluster asks: the answers go to `reply`, to no worker
    uint8_t passes;              // of_bus: how many nodes have passed it on
    char *reply;                 // of_bus: the subject on the bus for the answers; else NULL
    bool checked;                // writer_check() has accepted the action
    bool takes_items;            // items of the answer may come many at once: see struct answer_part
    atomic_uchar withdrawal;     // enum ask_withdrawal; any thread
    bool slow;                   // catalogue_blocks(): must not delay other actions
    bool all_servers;            // `Server: *`
    uint32_t write;              // write classes of the asker; all by default
    bool server_named;           // the client wrote `Server:`
    char *server;                // the server that the client named, or the user's own; NULL: the first that is up
    struct message *action;      // as the client sent it, with the client's ActionID
};

/** Makes an ask with one reference. Takes a reference of its own of `action`; copies `server`. */
struct ask *ask_create(struct message *action, const char *server);
/** As ask_create(), with a block of `pool`, whose blocks have the size of an ask. */
struct ask *ask_create_in(struct pool *pool, struct message *action, const char *server);
/** Adds a reference. @return `ask` */
struct ask *ask_ref(struct ask *ask);
/** Releases a reference. `ask` may be NULL. */
void ask_unref(struct ask *ask);
/** As ask_unref(), but the block of an ask without references goes to `pool`. */
void ask_unref_to(struct pool *pool, struct ask *ask);
/** Notes that the asker does not wait any more: an action that was not sent yet will not be sent. Thread: any with a
 *  reference. */
void ask_withdraw(struct ask *ask);
/** Notes that the asker may not send the action any more, but waits for an answer: if it was not sent yet, the hub
 *  answers by an Error. Does nothing if the ask is withdrawn. Thread: any with a reference. */
void ask_deny(struct ask *ask);
/** Returns whether the ask shall be sent. Thread: any with a reference. */
enum ask_withdrawal ask_withdrawal(const struct ask *ask);

enum answer_part_kind {
    ANSWER_PART_IN_TURN, // keeps its place in the order of the session's answers
    ANSWER_PART_LATE     // comes after the complete answer (OriginateResponse, second responses), in no order
};

/** One message of the answer to an ask, on its way from a server to a session; or, if the ask takes items, many items
 *  of a list at once: then `message` is none, but the block of parser_items() with the asker's own ActionID. */
struct answer_part {
    struct message *message; // each function says who owns the reference
    uint8_t kind;            // enum answer_part_kind
    bool final;              // the answer is complete; exactly one ANSWER_PART_IN_TURN is final
    uint8_t reason;          // enum amp_reason of an Error that the proxy itself made, else AMP_REASON_NONE
    uint8_t items;           // their number, 0: it is one message
    uint32_t longest : 31;   // bytes of the longest of these items
    bool is_response : 1;    // one server's response, which comes as an event, because several were asked
};

/** The kinds of entries in a batch. */
enum entry_kind {
    ENTRY_EVENT,  // an event for all sessions; with `ask`: raised by that action (its session's copy gets the client's
                  // ActionID, other copies get none)
    ENTRY_ANSWER, // part of the answer to `ask`; has the proxy's ActionID, which the worker replaces
    ENTRY_CHANNEL // part of the answer to the hub's question which channels are up (of_hub)
};

struct entry {
    struct answer_part part; // one reference of its message; only `message` is used for ENTRY_EVENT
    struct ask *ask;         // one reference, or NULL
    uint64_t serial;         // serial number of the (last) message among all that the hub has sent; increases
    uint8_t kind;            // enum entry_kind
    bool foreign_id;         // ENTRY_EVENT: has an ActionID that this proxy did not make
    bool passed_on;          // in a takeover: the earlier process has delivered it already, to the feeds that are kept
};

/** Is it a part of an answer for which its session waits? */
static inline bool entry_is_in_turn(const struct entry *entry)
{
    return entry->kind == ENTRY_ANSWER && entry->part.kind == ANSWER_PART_IN_TURN;
}

#define BATCH_FEW 32 // entries that need no block of their own

/** Messages for one worker, in the order in which they came. Made by the hub; the worker owns it when it is sent. */
struct batch {
    struct letter letter; // kind WORKER_BATCH; must be first
    uint32_t count, capacity;
    spares_shelf shelf;    // of the block that it lies in
    struct entry *entries; // `few`, or a block
    struct entry few[BATCH_FEW];
};

/** Makes an empty batch. */
struct batch *batch_create(void);
/** Frees a batch with the references of its entries. It may be NULL.
 *  @param pool  takes the blocks of asks (ask_unref_to()); NULL: they are freed */
void batch_destroy(struct pool *pool, struct batch *batch);
/** Appends a copy of the entry, which takes its references. */
void batch_add(struct batch *batch, const struct entry *entry);

struct tls_context;

/** A connection that the hub has accepted. The receiving worker owns the descriptor. */
struct accepted {
    struct letter letter; // kind WORKER_ACCEPTED; must be first
    int fd;
    struct tls_context *tls;  // one reference; NULL: this listener has no encryption
    uint32_t listener;        // index into config.listen
    uint32_t listener_number; // the listener's number in reports
    uint64_t session_id;      // unique for the life of the program
    char address[64];         // printable, "192.0.2.7:51234" or "unix"
    bool balancer;            // the peer may name a client for each of its requests (listen.trust)
};

/** What clients may see of one server. Names are never truncated, because they are compared. The texts belong to the
 *  state that servers_state_copy() has made; in the state of a callback they are lent. */
struct server_summary {
    const char *name, *host, *address, *user, *events;
    const char *node; // the node that owns it; empty: none; NULL: there is no cluster
    uint16_t port;
    bool up;
    bool drained;                  // takes no new actions, as an operator has said
    struct privileges *privileges; // the classes that its actions need; each copy has a reference; NULL: not known
};

/** State of the servers, for the workers; each one replaces the previous. Sent before any batch that depends on it. */
struct servers_state {
    struct letter letter; // kind WORKER_SERVERS; must be first
    char banner[128];     // of the first server that has sent one, empty: none yet
    bool any_up;
    bool booted; // a server is up; the two times below are valid if boot_known
    bool boot_known;
    uint64_t boot_ms;   // clock_ms() when that server started
    uint64_t reload_ms; // … and was last reloaded
    // The first server that takes new actions; set by servers_state_copy(). An empty name: none does.
    struct span first;
    const struct privileges *first_privileges; // those of its summary
    uint32_t count;
    struct server_summary servers[];
};

/** Makes a copy with references and texts of its own. */
struct servers_state *servers_state_copy(const struct servers_state *state);
/** Frees a copy. It may be NULL. */
void servers_state_destroy(struct servers_state *state);

/** A command of a proxy action for the hub. The worker owns the letter again when it comes back as WORKER_DONE. */
enum command_kind {
    COMMAND_RELOAD,
    COMMAND_ADD_SERVER,
    COMMAND_DROP_SERVER,
    COMMAND_CLOSE_SESSION,
    COMMAND_REVOKE_TOKEN,
    COMMAND_CLUSTER,
    COMMAND_CONTROL // what to do is in the arguments (hub/control.h)
};
struct command {
    struct letter letter; // kind HUB_COMMAND, then WORKER_DONE; must be first
    enum command_kind kind;
    uint32_t worker;
    struct list_node node;     // worker: in the list of its commands at the hub
    struct command *waits;     // owner of the hub: the next command that waits for the same reload
    struct script_call *call;  // worker: the script's call that waits; the worker ends it exactly once
    struct message *arguments; // one reference, or NULL
    uint64_t session;          // the session that asks by a proxy action; 0: a script does
    char *user, *by;           // its user, and that proxy action; NULL: none. Owned by the letter
    char reason[512];          // why the command failed; empty: it succeeded
    char *notes;               // notes on a success: lines, each with its end; NULL: none. Owned by the letter
    struct message **answer;   // what a success tells: `answer_count` references. Owned by the letter
    uint32_t answer_count;
};

/** Appends a message (taken) to the answer. */
void command_add(struct command *command, struct message *message);

/** Frees a command. */
void command_destroy(struct command *command);

struct calls;
struct scripts;

/** A new configuration with its scripts, both complete, to which the worker changes over. */
struct reconfiguration {
    struct letter letter; // kind WORKER_RECONFIGURE; must be first
    struct config *config;
    struct scripts *scripts; // owned by the receiving worker
    /** Takes the rules that were replaced, to free them elsewhere. NULL: the worker frees them. */
    void (*dispose)(void *context, struct calls *rules);
    void *context; // of dispose()
};

/** Asks to end a session. The worker that owns it ends it; the others ignore the letter. */
struct close_request {
    struct letter letter; // kind WORKER_CLOSE_SESSION; must be first
    uint64_t session_id;
    bool idle; // end it only if it has not logged in: a new connection has got its place (session_limits)
};

/** Asks to end all sessions in order, because the proxy goes down. */
struct drain_request {
    struct letter letter; // kind WORKER_DRAIN; must be first
    uint64_t close_by_ms; // clock_ms() by which all sessions must be told, even if they wait for answers
};

/** A worker says whether anything in it needs events: a session, a kept feed, a rule or a filter. */
struct audience {
    struct letter letter; // kind HUB_AUDIENCE; must be first
    uint32_t worker;
    bool present;
};

struct session;

/** Moves a session to another worker; the hub passes the letter on. Whoever has the letter owns the session. */
struct moved {
    struct letter letter; // kind HUB_MOVED, then WORKER_MOVED; must be first
    uint32_t worker;      // index of the worker that gets the session
    struct session *session;
};

struct past;
struct past_file;

/** What a worker does with its kept feeds while another process takes over. */
enum handover_step {
    HANDOVER_GIVE,      // writes them to `file`; the letter comes back as HUB_GIVEN
    HANDOVER_TAKE_BACK, // goes on with them
    HANDOVER_TAKE       // makes those of `past`
};

struct handover {
    struct letter letter; // kind WORKER_HANDOVER, then HUB_GIVEN; must be first
    enum handover_step step;
    struct past_file *file; // lent
    struct past *past;      // one reference, or NULL
};

/** Messages of an export (exports/) that the hub publishes on the bus. The worker gets the letter back. */
struct shipment {
    struct letter letter; // kind HUB_SHIPMENT, then WORKER_SHIPMENT; must be first
    uint32_t worker;
    uint64_t serial; // of this shipment, for the worker
    char *name;      // of the export
    char *subject;   // with {server} and {event}
    char *id;        // the beginning of each message's id
    char *bytes;     // of each message a struct export_head, texts and bytes (exports/queue.h)
    size_t length;
    uint64_t taken;   // hub: messages that were published or refused, from the first one on
    uint64_t refused; // hub: of these, messages that cannot be published
    bool is_down;     // hub: there is no connection to the bus
};

/** Frees a shipment. */
void shipment_destroy(struct shipment *shipment);

/** Kinds of letters to a worker. WORKER_CHECKED is a struct check that the verifier returns (auth/verifier.h). */
enum worker_letter {
    WORKER_BATCH,
    WORKER_ACCEPTED,
    WORKER_SERVERS,
    WORKER_DONE,
    WORKER_CHECKED,
    WORKER_RECONFIGURE,
    WORKER_CLOSE_SESSION,
    WORKER_DRAIN,
    WORKER_MOVED,
    WORKER_HANDOVER,
    WORKER_REQUEST, // struct session_request (letters/request.h)
    WORKER_SHIPMENT,
    WORKER_SURVEY,      // struct survey (letters/survey.h)
    WORKER_END_EXPORTS, // the proxy goes down: no server of this node sends events any more
    WORKER_LETTERS      // the number of kinds
};
/** Kinds of letters to the hub. HUB_REQUEST: a request or answer for another worker. HUB_DISPLACE: a close_request that
 *  all workers get. */
enum hub_letter {
    HUB_ASK,
    HUB_COMMAND,
    HUB_DRAINED,
    HUB_MOVED,
    HUB_REQUEST,
    HUB_DISPLACE,
    HUB_GIVEN,
    HUB_BUS, // struct bus_letter (bus/bus.h)
    HUB_SHIPMENT,
    HUB_SURVEYED, // struct survey (letters/survey.h)
    HUB_AUDIENCE,
    HUB_LETTERS // the number of kinds
};

#endif
