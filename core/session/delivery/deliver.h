// core/session/delivery/deliver.h: a batch from the hub becomes bytes in feeds and in sessions' own answers.
// Thread: the worker's.
#ifndef SESSION_DELIVERY_DELIVER_H
#define SESSION_DELIVERY_DELIVER_H

#include "session/client/set.h"

/** Delivers the entries of a batch (taken). */
void deliver_batch(struct sessions *sessions, struct batch *batch);

#endif
