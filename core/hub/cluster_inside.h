// core/hub/cluster_inside.h: the inside of `struct hub_cluster`, for the files cluster*.c only.  Thread: the hub's.
//
// What is on the bus, by subject (core/cluster/subject.h). Each head has `Amp: 1`, the version of the protocol. A body
// of AMI messages ends with an index: the number of bytes of each, so that nobody guesses where one ends. Index: its
// length.
//
//   node.NODE      heartbeats (core/cluster/heartbeat.h)
//   ev.SERVER      events. Boot, Epoch: whose stream it is; First: number of the first one
//   do.SERVER.BOOT one action, to the process that owns the server. Boot: who asks; Write, Slow, Alone, Passed: as in
//                  struct ask and remote_action. Without a body it withdraws an action: For: subject for its answers;
//                  Denied. Still: the body has the last parts of subjects for answers; those that nobody works on
//                  come back
//   re.NODE.BOOT.N parts of an answer to an action: all in turn but the last one, of which Kind: turn | late, Final and
//                  Reason (enum amp_reason) are told; Own: the owner's proxy has made it
//   state.SERVER   Node, Boot, Epoch, Sequence: number of the last event before it. Body: a block of facts and, if it
//                  is known, the answer to ListCommands. Without a body it asks for that
//   gap.SERVER     asks for events. Boot, Epoch, First, Last. The answer is as on ev.SERVER; its last part has Done: 1.
//                  If its first event has a number above First, the owner does not keep those before any more
#ifndef HUB_CLUSTER_INSIDE_H
#define HUB_CLUSTER_INSIDE_H

#include "ami/reread.h"
#include "base/list.h"
#include "base/map.h"
#include "bus/bus.h"
#include "cluster/ownership.h"
#include "cluster/subject.h"
#include "hub/cluster.h"
#include "hub/inside.h"
#include "server/offer.h"
#include "server/servers.h"

struct letter;

#define CLUSTER_BATCH_BYTES ((size_t)64 * 1024) // a message on the bus is sent when it has so many

/** Messages that are collected for one message on the bus. All zero: none. */
struct outgoing {
    struct bus_body *body;
    char *lengths; // the index
    size_t lengths_used, lengths_room;
    uint64_t first; // of events: number of the first one
    uint32_t count;
    struct ask *ask; // of answers: to which. One reference; NULL: they are events
};

/** A message that comes in parts. All zero: none of them has come. */
struct parts {
    char *bytes;
    size_t length;
    uint64_t count; // of parts that have come
};

/** A long message of an answer, of which not all parts have come. A process sends one after the other. */
struct incoming {
    struct list_node entry;
    uint64_t boot, number; // whose it is, and to which request
    struct parts parts;
};

/** A stream of events that this node follows. */
struct stream {
    bool known;                     // its state has come: `next` is valid
    uint64_t boot, epoch;           // of the owner's claim
    uint64_t next;                  // number of the next event
    uint64_t shadow_ms;             // since when it is held beside the own one (struct role); 0: clients get it
    uint64_t asked_ms;              // when its state was asked for, 0: never
    uint64_t gap_until_ms;          // when the wait for missing events ends; 0: none are missing
    uint64_t gap_since_ms;          // when they were asked for
    uint64_t gap_last;              // the last one that is missing
    uint64_t told, told_ms;         // the owner's last number in its latest heartbeat; when that came, 0: never
    uint64_t agreed;                // number of the last event that its heartbeats have not contradicted; 0: none
    bool catches_up;                // what came since the last heartbeat is being fetched, after nobody needed it
    unsigned denials;               // heartbeats in a row that have not reached event `next - 1`
    uint64_t then_boot, then_epoch; // the stream that goes on when event `then_after` has come; 0: none
    uint64_t then_after, then_until_ms;
    uint64_t gave_up_ms;             // when clients were last told that events of it are lost, 0: never
    struct letter *held, **held_end; // what came after the gap, in order
    size_t held_bytes;
    struct parts parts;
};

/** What a node asks about a server. */
enum awaited_kind {
    AWAIT_STATE, // the state of the followed stream's owner
    AWAIT_GAP,   // missing events of it
    AWAIT_STILL  // which actions nobody works on
};
#define AWAITED (AWAIT_STILL + 1)

/** A question that waits for its answer. */
struct awaited {
    struct map_node node; // by `number`; must be first
    struct shared_server *shared;
    uint64_t number; // 0: nothing is awaited
};

/** A server of the cluster. */
struct shared_server {
    struct map_node node; // by key; must be first
    struct list_node entry, to_flush;
    struct hub_cluster *cluster;
    struct server *server; // lent
    struct owned *owned;   // lent by the ownership
    struct outgoing out;
    uint64_t claim;                  // the epoch with which `out` numbers its events; 0: none
    uint64_t last_claim;             // … of the claim that has ended, until it is known who goes on; 0: none
    struct offer ended;              // the ring of the claim before that, for nodes that missed some of it
    uint64_t ended_claim;            // … its epoch, 0: none
    uint64_t ended_until_ms;         // … how long it is kept
    uint64_t fence_until_ms;         // longest wait for the answer to the fence; 0: there is none
    uint64_t still_ms;               // when the owner was last asked what it works on
    struct awaited awaited[AWAITED]; // by enum awaited_kind
    struct {
        uint64_t gaps, repaired, lost; // holes in the followed streams; events of them; for people
    } counts;
    uint64_t needed_ms; // when somebody needed its events last (cluster_need.c)
    bool hears;         // is `ev.SERVER` subscribed?
    bool is_new;        // what is decided is to be carried out at the next step
    bool told_spelling; // the log says that the owner writes its name with other letters
    bool state_is_new;  // of an owned server: to be told at the end of the turn
    bool takes_gaps;    // is `gap.SERVER` subscribed? For a while longer than this node owns the server
    struct stream stream;
    char key[SUBJECT_KEY_BYTES + 1];
};

struct hub_cluster {
    struct hub *hub;
    struct bus *bus;
    struct metrics_bus *counts; // lent
    struct servers_bus callbacks;
    struct reread *reread;
    struct ownership *ownership;
    struct event *tick, *flush;
    struct map servers;        // struct shared_server, by key
    struct map awaited;        // struct awaited, by number
    struct list_head all;      // … all
    struct list_head to_flush; // … with something for the bus
    bool is_up;                // the bus is connected
    bool told_fault;           // the log says that a heartbeat was not understood
    bool is_new;               // is_new of a server
    uint64_t boot, last_request;
    struct map asks;           // of other nodes that are not answered yet, by the subject for answers
    struct list_head ask_list; // … all
    struct list_head incoming; // struct incoming, one of each process at most
    char name[SUBJECT_KEY_BYTES + 1], node[SUBJECT_KEY_BYTES + 1]; // encoded
    char node_name[SUBJECT_NAME_BYTES + 1]; // as people write it. A reload does not change it, unlike the configuration
};

/** The messages in a body. */
struct parcel {
    struct span lengths, body;
};

// --- what all use -----------------------------------------------------------------------------------------------

/** Finds a server. @param key  as in subjects @return NULL: it is not known */
struct shared_server *cluster_find(const struct hub_cluster *cluster, struct span key);
/** Begins a head. */
void cluster_begin_head(const struct hub_cluster *cluster, struct message_builder *head);
/** Publishes under a subject of a server. Takes head and body. */
bool cluster_publish(struct shared_server *shared, enum subject_kind kind, const char *reply, enum bus_weight weight,
                     struct message_builder *head, struct bus_body *body);
/** Returns a number for a request, and writes the subject for its answers. */
uint64_t cluster_request(struct hub_cluster *cluster, uint64_t number, char subject[SUBJECT_BYTES]);
/** Reads a number of a head: in decimal digits up to EPOCH_MOST, or with base 16. @return 0: there is none */
uint64_t cluster_number(const struct message *head, const char *name, unsigned base);
/** Begins to read the messages of a letter. */
struct parcel parcel_of(const struct bus_letter *letter);
/** Gets the bytes of the next message. @return false: there is none, or the lengths are wrong */
bool parcel_next(struct parcel *parcel, struct span *wire);
/** Sends what is collected for all servers. */
void cluster_flush(struct hub_cluster *cluster);
/** Lets the state of a server be published at the end of the turn, if this node owns it. */
void cluster_want_state(struct shared_server *shared);
/** Lets what is collected for a server be sent at the end of the turn. */
void cluster_want_flush(struct shared_server *shared);

// --- cluster_await.c: questions about a server -----------------------------------------------------------------------

/** Asks, in the place of an earlier question of that kind. @param reply  set to the subject for the answers */
void await_begin(struct shared_server *shared, enum awaited_kind kind, char reply[SUBJECT_BYTES]);
/** The answer has come, or nobody waits for it any more. */
void await_end(struct shared_server *shared, enum awaited_kind kind);
/** Handles an answer to the question or action of that number. */
void await_take(struct hub_cluster *cluster, uint64_t number, const struct bus_letter *letter);

// --- cluster_out.c: what an owner publishes -----------------------------------------------------------------------

/** Adds an event (lent). For struct servers_bus. */
void cluster_offer(void *record, struct message *message, uint64_t number);
/** Publishes an event (lent) that is too long for one message. @param epoch  of the claim that numbers it */
void out_long_event(struct shared_server *shared, const char *subject, struct message *message, uint64_t epoch,
                    uint64_t number);
/** Adds a part of an answer (lent) to an ask of another node. */
void out_add_answer(struct shared_server *shared, const struct answer_part *part, struct ask *ask);
/** Sends what was collected. */
void out_flush(struct shared_server *shared);
/** Adds a message (lent) to a collection. @param id  the ActionID that it gets; NULL: it keeps its own */
void outgoing_add(struct outgoing *out, struct message *message, const struct span *id);
/** Adds the index and its head, and takes the body out of the collection, which is empty then. */
struct bus_body *outgoing_take(struct outgoing *out, struct message_builder *head);

// --- cluster_parts.c: long messages ---------------------------------------------------------------------------------

/** Is the message too long for one message on the bus? */
bool parts_are_needed(const struct message *message);
/** Publishes a message (lent) in parts. @param id  the ActionID that it gets; NULL: it keeps its own
 *  @param begin  begins the head of each */
void parts_publish(struct hub_cluster *cluster, const char *subject, struct message *message, const struct span *id,
                   void (*begin)(void *context, struct message_builder *head), void *context);
/** Is the letter a part of a message? */
bool parts_has(const struct bus_letter *letter);
/** Adds a part. @param whole  set to all bytes, lent, when it was the last one @return is it whole? */
bool parts_add(struct parts *parts, const struct bus_letter *letter, struct span *whole);
/** Forgets the parts. */
void parts_clear(struct parts *parts);

// --- cluster_ask.c: actions -----------------------------------------------------------------------------------------

/** For struct servers_bus. */
uint32_t cluster_act(void *record, const struct remote_action *action);
void cluster_withdraw(void *record, uint64_t number, uint32_t process, bool denied);
/** Publishes something about actions to a process. Takes head and body. @return false: there was no room */
bool cluster_send_action(struct shared_server *shared, uint64_t boot, const char *reply, struct message_builder *head,
                         struct bus_body *body);
/** Handles an action of another node, or its withdrawal. */
void cluster_take_action(struct shared_server *shared, const struct bus_letter *letter);
/** Handles parts of an answer to an action of this node. */
void cluster_take_answer(struct hub_cluster *cluster, uint64_t number, const struct bus_letter *letter);
/** Forgets the parts of answers that are not whole. */
void cluster_forget_answers(struct hub_cluster *cluster);

// --- cluster_still.c: answers that were lost ------------------------------------------------------------------------

/** An action of another node has come. @param reply  the subject for its answers; copied */
void still_note(struct hub_cluster *cluster, const char *reply);
/** It is answered. */
void still_end(struct hub_cluster *cluster, const char *reply);
/** Forgets all. */
void still_clear(struct hub_cluster *cluster);
/** Says which of the actions that are asked for are not worked on. */
void still_answer(struct shared_server *shared, const struct bus_letter *letter);
/** Asks the processes that were sent actions for those that are not answered for long, and ends those of processes that
 *  are gone by an Error. */
void still_tick(struct shared_server *shared, uint64_t now);
/** Handles the answer to that. */
void still_take(struct shared_server *shared, const struct bus_letter *letter);

// --- cluster_state.c: the state of a server -------------------------------------------------------------------------

/** Publishes the state of a server that this node owns. @param reply  a subject for it; NULL: all nodes get it */
void state_publish(struct shared_server *shared, const char *reply);
/** Asks the owner for its state. */
void state_ask(struct shared_server *shared, uint64_t now);
/** A state came of a server that this node does not know. If heartbeats have named it, it is one that only other nodes
 *  have: clients see it from now on. */
void state_add(struct hub_cluster *cluster, const struct bus_letter *letter);
/** Handles a state, or a request for it. */
void state_take(struct shared_server *shared, const struct bus_letter *letter);

// --- cluster_need.c: which servers are followed ---------------------------------------------------------------------

/** A server became known: it is followed for a while, whoever needs it. */
void need_begin(struct shared_server *shared, uint64_t now);
/** It is gone. */
void need_end(struct shared_server *shared);
/** Begins to hear the server's events if somebody needs them, and ceases if nobody has needed them for a while. */
void need_judge(struct shared_server *shared, uint64_t now);

// --- cluster_held.c: events that come too early --------------------------------------------------------------------

/** Is it of the stream that is followed? */
bool held_is_followed(const struct stream *stream, const struct bus_letter *letter);
/** Holds a letter (taken). */
void held_add(struct stream *stream, struct bus_letter *letter);
/** Takes the first letter of the followed stream out of those that are held. @return NULL: there is none */
struct bus_letter *held_take(struct stream *stream);
/** Puts it back to where held_take() finds it first. */
void held_put_back(struct stream *stream, struct bus_letter *letter);
/** Drops the letter that has opened the gap: its number is wrong. */
void held_drop_opener(struct shared_server *shared);
/** Drops all. */
void held_clear(struct shared_server *shared);

// --- cluster_stream.c: events of a server that another node owns -----------------------------------------------------

/** The state of the owner came: `sequence` was the number of its last event. */
void stream_begin(struct shared_server *shared, uint64_t sequence);
/** Follows another claim, whose events begin where those of the followed one end, with number `after`. */
void stream_continue(struct shared_server *shared, uint64_t boot, uint64_t epoch, uint64_t after);
/** Follows a claim from its first event on. */
void stream_start(struct shared_server *shared, uint64_t boot, uint64_t epoch);
/** Begins to follow the claim of a process. Its state is asked for. */
void stream_follow(struct shared_server *shared, uint64_t boot, uint64_t epoch);
/** Follows nothing. */
void stream_init(struct shared_server *shared);
/** Ends that. */
void stream_end(struct shared_server *shared);
/** Handles events. @return true: it keeps the letter */
bool stream_take(struct shared_server *shared, struct bus_letter *letter);
/** Handles missing events that the owner sends once more. */
void stream_take_gap(struct shared_server *shared, const struct bus_letter *letter);
/** This node hears the events of a known stream again: what came since the number that the owner told last is fetched.
 */
void stream_catch_up(struct shared_server *shared, uint64_t now);
/** Is nothing of the stream missing, and no other one awaited? */
bool stream_is_calm(const struct stream *stream);
/** The owner says that it has offered events up to that number. If this node does not hear them, they are passed over.
 */
void stream_expect(struct shared_server *shared, uint64_t sequence, uint64_t now);
/** The owner says in a heartbeat that it has offered events up to that number. */
void stream_hear(struct shared_server *shared, uint64_t sequence, uint64_t now);
/** Returns where to go on when missing events are given up: not behind what the owner has told of since. */
uint64_t doubt_gap_end(const struct shared_server *shared);
/** Gives up waiting for missing events, if it is time. */
void stream_tick(struct shared_server *shared, uint64_t now);

// --- cluster_repair.c -----------------------------------------------------------------------------------------------

/** Sends events once more to a node that missed them. */
void repair_answer(struct shared_server *shared, const struct bus_letter *letter);

// --- cluster_duty.c: who owns what -----------------------------------------------------------------------------------

/** Makes the table of who owns what. */
void duty_create(struct hub_cluster *cluster);
/** Adds a server of this node to it. */
void duty_add(struct shared_server *shared);
/** The server is no longer in this node's configuration. */
void duty_remove(struct shared_server *shared);
/** The connection of a server may have changed. For struct servers_bus. */
void duty_changed(void *record);
/** Carries out what was decided outside of a step. */
void duty_carry_out(struct hub_cluster *cluster);
/** Asks again for the names of servers that this node does not know, though others serve them: question or answer may
 * be lost. */
void duty_ask_for_names(struct hub_cluster *cluster);
/** For struct servers_bus: all was read that the Asterisk had sent. */
void duty_fenced(void *record);
/** The process has given its last event of a server, `sequence`, for another node to go on. */
void duty_take_release(struct shared_server *shared, uint64_t boot, uint64_t sequence);
/** Looks at the time limits of a server; called often. */
void duty_tick(struct shared_server *shared, uint64_t now);

// --- cluster_beat.c: heartbeats -------------------------------------------------------------------------------------

/** Returns the time of the wall clock in ms. */
uint64_t cluster_wall_ms(void);
/** Returns the boot id of a living process. @param process  its low bits @return 0: none is alive that has them */
uint64_t cluster_boot_of(const struct hub_cluster *cluster, uint32_t process);
/** Returns the last heartbeat of a living process; NULL: it is not alive. */
const struct heartbeat *cluster_beat_of(const struct hub_cluster *cluster, uint64_t boot);
/** Applies what follows from what has happened, and sends a heartbeat if it is time. */
void duty_step(struct hub_cluster *cluster);
/** Handles a heartbeat. */
void duty_take(struct hub_cluster *cluster, const struct bus_letter *letter);
/** Tells the others that this node ends. */
void duty_leave(struct hub_cluster *cluster);

#endif
