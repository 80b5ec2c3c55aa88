// core/session/delivery/deliver.h: a batch from the hub becomes bytes in feeds and in sessions' own answers.
// Thread: the worker's.
#ifndef SESSION_DELIVERY_DELIVER_H
#define SESSION_DELIVERY_DELIVER_H

struct batch;
struct sessions;

/** Delivers the entries of a batch (taken). Call sessions_flush() after the last batch of the turn. */
void deliver_batch(struct sessions *sessions, struct batch *batch);

#endif
