// tests/unit/cluster/beats.h: heartbeats from a few words.
#ifndef UNIT_CLUSTER_BEATS_H
#define UNIT_CLUSTER_BEATS_H

#include "cluster/heartbeat.h"

#include <stdio.h>

#include "unit/test.h"

/** A heartbeat of `node` with these further lines. */
static inline struct heartbeat *beat_of(const char *node, unsigned boot, unsigned number, const char *lines)
{
    const char *fault;
    char text[4096];

    snprintf(text, sizeof text, "Amp: 1\nNode: %s\nBoot: %016x\nStarted: %u\nBeat: %u\n%s", node, boot, 1000 + boot,
             number, lines);
    struct heartbeat *beat = heartbeat_decode(span_of(text), &fault);
    assert_non_null(beat);
    return beat;
}

#endif
