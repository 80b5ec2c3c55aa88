// core/pbx/pbx.h: figures of what goes on in the servers, from the events that the hub sees anyway: channels by state,
// calls (channels with one Linkedid), queues with their callers and members. Levels of a server that is lost,
// or of which events were missed, are forgotten; totals go on.  Thread: any; one lock in it.
#ifndef PBX_PBX_H
#define PBX_PBX_H

#include "ami/message.h"

#define PBX_STATES 10        // of channels (Asterisk include/asterisk/channelstate.h)
#define PBX_MEMBER_STATES 10 // of members: enum ast_device_state, and the last one: paused
#define PBX_CHANNELS 50000   // of one server; further ones are not counted
#define PBX_QUEUES 500       // … likewise
#define PBX_QUEUE_ITEMS 5000 // callers and members of one queue

struct pbx;

struct pbx_queue_figures {
    const char *name;
    uint64_t waiting, answered, answered_in_time, abandoned, members[PBX_MEMBER_STATES];
    double longest_wait_s, hold_s; // of those who wait; of all who were answered
};

struct pbx_server_figures {
    const char *name;
    uint64_t channels[PBX_STATES], calls, calls_ended;
    double call_s; // of the calls that have ended
};

/** Makes an empty object. @return the caller's */
struct pbx *pbx_create(void);
/** Frees it. NULL is fine. */
void pbx_destroy(struct pbx *pbx);
/** Takes an event of a server, or an item of the answers to Status and QueueStatus, into account. @param message  lent
 *  @param now_ms  clock_ms() */
void pbx_see(struct pbx *pbx, const struct message *message, uint64_t now_ms);
/** Forgets all levels, as nothing more is passed in. */
void pbx_forget(struct pbx *pbx);
/** Visits the figures of all servers, and of their queues; the figures are lent. Either function may be NULL. */
void pbx_each(struct pbx *pbx, uint64_t now_ms, void (*server)(void *context, const struct pbx_server_figures *figures),
              void (*queue)(void *context, const char *server, const struct pbx_queue_figures *figures), void *context);

#endif
