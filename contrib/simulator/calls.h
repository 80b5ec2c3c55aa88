// calls.h: calls in progress. Each plays a scenario: a short table of steps, each of which emits the events of a
// moment.
#pragma once
#include "channels.h"
#include "queues.h"
#include "request.h"

struct call;

enum outcome { OUTCOME_ANSWER, OUTCOME_BUSY, OUTCOME_NO_ANSWER };

struct scenario {
    void (*begin)(struct call *call);
    void (*answer)(struct call *call);
    void (*end)(struct call *call); // also when the call was not answered
};

struct call {
    struct simulator *simulator;
    struct call *next;
    const struct scenario *scenario;
    struct event *timer;
    unsigned long number;
    enum { CALL_NEW, CALL_RINGING, CALL_TALKING, CALL_ENDED } phase;
    struct channel channels[CALL_CHANNELS];
    size_t count;
    enum outcome outcome;
    int64_t ring_ms;
    int64_t talk_ms;
    int cause;                    // of the hangup
    char bridge[40];              // empty: none
    char action_id[REQUEST_LINE]; // of an asynchronous Originate
    bool async;
    bool is_application; // an Originate to `application`, not to an extension
    char context[NAME_BYTES];
    char exten[NAME_BYTES];
    char application[NAME_BYTES];
    char data[NAME_BYTES];
    char dial[NAME_BYTES]; // what is dialled, `TECH/rest`
    char number_shown[NAME_BYTES];
    char name_shown[NAME_BYTES];
    char account[NAME_BYTES];
    struct text variables; // `name=value` lines, each ended by LF
    struct queue_member *member;
    struct queue *queue;
};

extern const struct scenario scenario_originate;
extern const struct scenario scenario_inbound;
extern const struct scenario scenario_queue;

/** Starts a call; the caller fills the fields that its scenario reads, then calls call_start(). */
struct call *call_create(struct simulator *simulator, const struct scenario *scenario);
void call_start(struct call *call);

/** Ends a call from the loop, as if a party had hung up. */
void call_hangup(struct call *call, int cause);

/** Lends the call of this number, or NULL when it is over. */
struct call *call_find(const struct simulator *simulator, unsigned long number);

/** Frees all calls without events. */
void calls_clear(struct simulator *simulator);

/** Starts to keep simulator->calls_wanted calls in progress. */
void calls_dial(struct simulator *simulator);

/** Parts of scenarios. */
struct channel *call_add_channel(struct call *call, const char *device, const char *suffix);
void call_emit_extension(struct call *call, struct channel *channel, const char *application, const char *data);
void call_emit_state(struct call *call, struct channel *channel, int state);
void call_emit_dial(struct call *call, const char *event, struct channel *caller, struct channel *agent,
                    const char *status);
void call_emit_bridge(struct call *call, const char *event, const struct channel *channel, int channels);
void call_emit_hangup(struct call *call, struct channel *channel);
