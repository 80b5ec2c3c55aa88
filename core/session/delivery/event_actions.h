// core/session/delivery/event_actions.h: the actions `Events`, `Filter` and `WaitEvent`. They change the state of one
// session, never that of the shared connection to the server.  Thread: the worker's.
#ifndef SESSION_DELIVERY_EVENT_ACTIONS_H
#define SESSION_DELIVERY_EVENT_ACTIONS_H

#include "session/client/session.h"

struct entry;

/** `Action: Events`: sets the classes of events that the session receives. */
void event_actions_events(struct session *session, const struct message *action);
/** `Action: Filter`: adds a filter for the rest of the session. It needs no permission, as it can only hide events. */
void event_actions_filter(struct session *session, const struct message *action);
/** `Action: WaitEvent`: is answered when the session is sent an event, when its `Timeout` (seconds) expires, or when
 *  the client sends something else or hangs up, as Asterisk does on a plain connection (main/manager.c:
 *  action_waitevent); also when the configuration changes. A request of a protocol is answered before it times out. */
void event_actions_wait(struct session *session, const struct message *action);
/** Tells a waiting session that an event is about to be sent to it (`sent` false), or has been sent (`sent` true). A
 *  session whose protocol is answered message by message receives the event as part of the answer.
 *  @param event  the event as the session sees it; NULL with `sent`: the event was withheld after all */
void event_actions_happen(struct session *session, const struct message *event, bool sent);
/** Ends the session's `WaitEvent`, if it has one, with an answer but without an event. */
void event_actions_give_up(struct session *session);

#endif
