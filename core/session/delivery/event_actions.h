// core/session/delivery/event_actions.h: `Events`, `Filter` and `WaitEvent`: state of one session, never of the shared
// connection. Thread: the worker's.
#ifndef SESSION_DELIVERY_EVENT_ACTIONS_H
#define SESSION_DELIVERY_EVENT_ACTIONS_H

#include "session/connection/session.h"

struct entry;

/** `Action: Events`: which classes the session wants. */
void event_actions_events(struct session *session, const struct message *action);
/** `Action: Filter`: one more filter, for good. Anybody may see less, so it needs no class. */
void event_actions_filter(struct session *session, const struct message *action);
/** `Action: WaitEvent`: answered at the next event that the session is sent, when its `Timeout` (seconds) is over, or
 *  when the client says something else or hangs up, as Asterisk does on a plain connection (main/manager.c:
 *  action_waitevent); also when the configuration changes. A request of a protocol is answered before it times out. */
void event_actions_wait(struct session *session, const struct message *action);
/** An event that the session is about to be sent, or (`sent`) has been: what it waits for. A session whose protocol is
 *  answered message by message is given the event as part of the answer.
 *  @param event  as it is shown to the session; NULL, once `sent`: it was not after all */
void event_actions_happen(struct session *session, const struct message *event, bool sent);
/** The wait, if there is one, is over without an event. */
void event_actions_give_up(struct session *session);
/** Forgets that the session waits: it ends. */
void event_actions_forget(struct session *session);

#endif
