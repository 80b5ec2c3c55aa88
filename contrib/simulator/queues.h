// queues.h: call queues and their members.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "channels.h"

enum { QUEUE_MEMBERS = 64 };
enum member_state { MEMBER_NOT_IN_USE = 1, MEMBER_IN_USE = 2, MEMBER_RINGING = 6, MEMBER_RINGING_IN_USE = 7 };
enum { SERVICE_LEVEL = 20 }; // seconds within which a call should be answered

struct queue_member {
    struct queue *queue;
    char interface[NAME_BYTES];
    char name[NAME_BYTES];
    char reason[NAME_BYTES];
    char state_interface[NAME_BYTES];
    int penalty;
    unsigned calls;
    time_t last_call;
    time_t last_pause;
    time_t login;
    enum member_state state;
    bool present; // a free place when not; places never move, as calls point at them
    bool paused;
    bool dynamic;
};

struct queue {
    const char *name; // NULL ends the array
    struct queue_member members[QUEUE_MEMBERS];
    unsigned completed;
    unsigned abandoned;
    unsigned in_time;        // of the completed ones: answered within SERVICE_LEVEL
    uint64_t hold_s, talk_s; // of the completed ones, together
};

/** Makes the queues `support` and `sales` with their members. */
void queues_init(struct simulator *simulator);
void queues_fini(struct simulator *simulator);

/** Lends the queue of this name, or NULL. */
struct queue *queue_find(const struct simulator *simulator, const char *name);

/** Lends the member with this interface, or NULL. */
struct queue_member *queue_member_find(struct queue *queue, const char *interface);

/** Lends a free place for a member, or NULL. */
struct queue_member *queue_member_place(const struct simulator *simulator, struct queue *queue);

/** The state of a device, as its channels in all calls have it. */
enum member_state queue_device_state(const struct simulator *simulator, const char *device);

/** Chooses a queue with a member who is not paused and whose device is in no call. @return NULL: there is none */
struct queue *queue_pick(struct simulator *simulator, uint64_t random, struct queue_member **member);

/** Callers that wait in `queue`. */
size_t queue_callers(const struct simulator *simulator, const struct queue *queue);

/** A channel has changed: tells the state of the members at its device, if that is another one now. */
void queue_channel_changed(struct simulator *simulator, const struct channel *channel);

/** Emits an event `QueueMember…` about `member`. */
void emit_queue_member(struct simulator *simulator, const char *event, const struct queue_member *member);
