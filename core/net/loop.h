// core/net/loop.h: the event loops of the hub and the workers.
#ifndef NET_LOOP_H
#define NET_LOOP_H

struct event_base;

/** Makes an event loop for one thread: without locks, and without a changelist, which would use a descriptor after it
 *  was closed, when another thread may have got the same number. @return the caller's, event_base_free(); NULL with
 *  errno: the system has no room for it. Thread: any. */
struct event_base *loop_create(void);

#endif
