// core/letters/letters.h: what the hub and the workers say to each other. Sessions and servers never meet: a session
// sends an `ask`, the hub answers with entries of a `batch`. Both kinds of thread may include this, it includes
// neither. Thread: said at each part.
#ifndef LETTERS_LETTERS_H
#define LETTERS_LETTERS_H

#include "ami/message.h"
#include "ami/privileges.h"
#include "astmanproxy/plugin.h"
#include "base/handles.h"
#include "base/list.h"
#include "base/mailbox.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct script_call;
struct coalesced;

/** Why an ask that no server has yet goes to none. */
enum ask_withdrawal {
    ASK_WANTED,
    ASK_UNAWAITED, // nobody waits for the answer any more
    ASK_DENIED     // its session may not send it any more: the entry of its user has changed since it was judged
};

/** One action on its way to a server, and the address for its answers. Counted: the asking worker has a reference till
 *  the answer is complete, the hub one as long as anything may still answer, each entry one of its own. It outlives its
 *  session, and what comes then finds nobody: `session` is a handle that the worker looks up. The hub knows the session
 *  by its number alone, for ids and logs. What is the worker's, nobody else reads or writes; the rest is immutable. */
struct ask {
    struct letter letter; // kind HUB_ASK; must be first
    atomic_uint references;
    struct handle session;       // worker's: who asks; may be gone. None: a script, or the hub
    uint32_t identity;           // worker's: the session's, who it was logged in as when it asked
    bool over;                   // worker's: answered to its end; what still comes is late
    struct script_call *call;    // worker's: the script's call that waits instead of a session, NULL: none;
                                 // the worker's to end, once, whatever becomes of the script
    struct list_node of_session; // worker's: in the list of the session's asks, or of its scripts'
    uint32_t withheld;           // worker's: items of the answer that its user may not see
    uint64_t session_id;         // for the ActionID on the wire and for logs
    uint32_t worker;             // index of the asking worker
    bool alone;                  // the session waits for nothing else: it may be answered out of turn
    struct coalesced *share;     // hub's: who else waits for the same answer, NULL: nobody
    bool of_script;              // a script asks, not a session: nobody else sees the answers
    bool of_hub;                 // the hub asks which channels are up: every worker is told (ENTRY_CHANNEL)
    bool checked;                // writer_check() has found the action fit for a server
    atomic_uchar withdrawal;     // enum ask_withdrawal: what is not with a server need not go there, or must not
    bool slow;                   // must not hold up others: catalogue_blocks()
    bool all_servers;            // `Server: *`
    uint32_t write;              // classes of actions that the asker may send; all unless said otherwise
    bool server_named;           // the client wrote `Server:`: another server is never taken instead
    char *server;                // server named by the client or the user's own; NULL: the first that is up
    struct message *action;      // as the client sent it; its ActionID is the client's own
};

/** A new ask with one reference. Takes one reference of `action` (its own); copies `server`. */
struct ask *ask_create(struct message *action, const char *server);
struct ask *ask_ref(struct ask *ask);
void ask_unref(struct ask *ask);
/** The asker waits no longer: as long as no server has the action, none gets it. Any thread that has a reference. */
void ask_withdraw(struct ask *ask);
/** The asker may not send it any more, but waits: if no server has it yet, the hub answers with an Error. Any thread
 * that has a reference. Nothing if it is withdrawn. */
void ask_deny(struct ask *ask);
enum ask_withdrawal ask_withdrawal(const struct ask *ask);

enum answer_part_kind {
    ANSWER_PART_IN_TURN, // counts for the order of the session's answers
    ANSWER_PART_LATE     // the action was answered before (OriginateResponse, second responses): counts for no order
};

/** One message of the answer to an ask, on its way from a server to a session. */
struct answer_part {
    struct message *message; // whose reference it is, each function says
    uint8_t kind;            // enum answer_part_kind
    bool final;              // the answer ends here: exactly one part that is not late has it
    uint8_t reason;          // enum amp_reason: why it is an Error of our own making; AMP_REASON_NONE: it is not
};

/** What an entry of a batch is. */
enum entry_kind {
    ENTRY_EVENT,  // for everybody whose mask and view allow it; `ask` set: raised by that session's action (its
                  // copy gets the client's ActionID, other sessions' copies none)
    ENTRY_ANSWER, // part of the answer to `ask`; carries the proxy's ActionID, which the worker replaces
    ENTRY_CHANNEL // part of the answer to the hub's own question which channels are up
};

struct entry {
    struct answer_part part; // one reference of its message; ENTRY_EVENT: the message alone counts
    struct ask *ask;         // one reference, or NULL
    uint64_t serial;         // number of the message among all that the hub passed on; grows
    uint8_t kind;            // enum entry_kind
    bool foreign_id;         // ENTRY_EVENT: carries an ActionID that is not this proxy's
};

/** Is it a part of an answer that its session waits for? */
static inline bool entry_is_in_turn(const struct entry *entry)
{
    return entry->kind == ENTRY_ANSWER && entry->part.kind == ANSWER_PART_IN_TURN;
}

/** Messages in the order in which they came, for one worker. Built by the hub, then the worker's. */
struct batch {
    struct letter letter; // kind WORKER_BATCH; must be first
    uint32_t count, capacity;
    struct entry *entries;
};

/** An empty one. */
struct batch *batch_create(void);
/** Drops every reference that its entries hold. NULL is fine. */
void batch_destroy(struct batch *batch);
/** Appends; takes over the references of `entry`. */
void batch_add(struct batch *batch, struct entry entry);

struct tls_context;

/** A connection that the hub accepted. The worker owns the descriptor from here on. */
struct accepted {
    struct letter letter; // kind WORKER_ACCEPTED; must be first
    int fd;
    struct tls_context *tls;  // one reference; NULL: this listener has no encryption
    uint32_t listener;        // index into config.listen
    uint32_t listener_number; // what reports call it by
    uint64_t session_id;      // unique for the life of the program
    char address[64];         // printable, "192.0.2.7:51234" or "unix"
};

/** One server, as clients may see it. Names are compared, so none is cut; texts are the state's (servers_state_copy()),
 *  or lent while the servers tell of it. */
struct server_summary {
    const char *name, *host, *address, *user, *events;
    uint16_t port;
    bool up;
    struct privileges *privileges; // what its actions need, NULL: it has not told; one reference of each copy
};

/** State of the servers that workers show to clients; the newest wins. Sent before any batch that depends on it. */
struct servers_state {
    struct letter letter; // kind WORKER_SERVERS; must be first
    char banner[128];     // of the first server that ever answered, empty: none yet
    bool any_up;
    bool booted; // FullyBooted is known; the two below are valid if boot_known
    bool boot_known;
    uint64_t boot_ms;   // clock_ms() when that server started
    uint64_t reload_ms; // … and was last reloaded
    uint32_t count;
    struct server_summary servers[];
};

/** A copy with references and texts of its own. */
struct servers_state *servers_state_copy(const struct servers_state *state);
/** Frees a copy. NULL is fine. */
void servers_state_destroy(struct servers_state *state);

/** What a proxy action asks of the hub. The worker owns the letter again when it comes back as WORKER_DONE. */
enum command_kind { COMMAND_RELOAD, COMMAND_ADD_SERVER, COMMAND_DROP_SERVER, COMMAND_CLOSE_SESSION };
struct command {
    struct letter letter; // kind HUB_COMMAND, then WORKER_DONE; must be first
    enum command_kind kind;
    uint32_t worker;
    struct command *next;      // worker's
    struct command *waits;     // hub's owner's: others that wait for the same
    struct script_call *call;  // worker's: the script's call that waits; the worker's to end, once
    struct message *arguments; // one reference, or NULL
    char reason[512];          // why it could not be done, empty: it was
    char *notes;               // done, but: lines, each with its end; NULL: none. The letter's
};

/** Frees a command that nobody waits for any more. */
void command_destroy(struct command *command);

struct scripts;

/** A new configuration with its scripts, both complete: the worker changes over. */
struct reconfiguration {
    struct letter letter; // kind WORKER_RECONFIGURE; must be first
    struct config *config;
    struct scripts *scripts; // the worker's from here on
};

/** A session is to end; the worker that has it ends it, the others drop the letter. */
struct close_request {
    struct letter letter; // kind WORKER_CLOSE_SESSION; must be first
    uint64_t session_id;
    bool idle; // only if it is still not logged in: another one has its place
};

/** The proxy goes down: sessions end, each once it has been answered. */
struct drain_request {
    struct letter letter; // kind WORKER_DRAIN; must be first
    uint64_t close_by_ms; // by then all have been told, answered or not
};

/** WORKER_CHECKED: a secret comes back from the thread that checks them (auth/verifier.h: struct check). */
enum worker_letter {
    WORKER_BATCH,
    WORKER_ACCEPTED,
    WORKER_SERVERS,
    WORKER_DONE,
    WORKER_CHECKED,
    WORKER_RECONFIGURE,
    WORKER_CLOSE_SESSION,
    WORKER_DRAIN,
    WORKER_LETTERS // how many kinds there are
};
enum hub_letter { HUB_ASK, HUB_COMMAND, HUB_DRAINED };

#endif
