// core/calls/identity.h: which channels, bridges and devices a message names, over the header names of all releases.
// Sources: Asterisk main/manager_channels.c, manager_bridges.c, main/cel.c, cdr_manager.c and, for the names before
// release 12, the manager_event() calls of 1.2 to 11.  Thread: any; pure.
#ifndef CALLS_IDENTITY_H
#define CALLS_IDENTITY_H

#include "ami/message.h"

#define IDENTITY_CHANNELS 12 // an AttendedTransfer names seven
#define IDENTITY_BRIDGES 4
#define IDENTITY_DEVICES 4

/** What a message says of one channel. Spans are empty where it says nothing. */
struct named_channel {
    struct span prefix; // of its headers: "", "Dest", "LocalOne" …
    struct span name, unique_id, linked_id, context;
};

struct named_bridge {
    struct span prefix;
    struct span unique_id, type, channel_count;
};

/** All that a message names. */
struct identity {
    struct named_channel channels[IDENTITY_CHANNELS];
    struct named_bridge bridges[IDENTITY_BRIDGES];
    struct span devices[IDENTITY_DEVICES]; // "SIP/100"; "/100": of any technology
    uint32_t channel_count, bridge_count, device_count;
    struct span technology; // of devices that are named without one; empty: not known
    struct span context;    // of the first `Context`
    struct span new_name;   // Rename: what the channel is called from now on
    struct span server;     // of the last header, which the proxy wrote; empty: none
    bool too_many;          // more than there is room for: to be taken as somebody else's
};

/** Reads `message`; the spans point into it. Names that stand for nothing (`none`, `<null>`, empty) are left out, and
 *  so are channels that are then neither named nor numbered. Of a repeated header the first counts: what comes behind
 *  may be text that a caller chose. */
void identity_read(const struct message *message, struct identity *identity);

#endif
