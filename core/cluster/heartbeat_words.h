// core/cluster/heartbeat_words.h: the words of states in heartbeats, for the files of heartbeat.h alone.
#ifndef CLUSTER_HEARTBEAT_WORDS_H
#define CLUSTER_HEARTBEAT_WORDS_H

#include "cluster/heartbeat.h"

#define HOLD_WORDS (HOLD_LOCAL + 1)

extern const char *const hold_words[HOLD_WORDS];

#endif
