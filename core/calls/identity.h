// core/calls/identity.h: the channels, bridges and devices that a message names, with the header names of all releases.
// Sources: Asterisk main/manager_channels.c, manager_bridges.c, main/cel.c, cdr_manager.c and, for the names before
// release 12, the manager_event() calls of 1.2 to 11.  Thread: any; pure.
#ifndef CALLS_IDENTITY_H
#define CALLS_IDENTITY_H

#include "ami/message.h"

#define IDENTITY_CHANNELS 12 // an AttendedTransfer names seven
#define IDENTITY_BRIDGES 4
#define IDENTITY_DEVICES 4

/** The data of one channel in a message. Spans of missing data are empty. */
struct named_channel {
    struct span prefix; // the prefix of its headers: "", "Dest", "LocalOne" …
    struct span name, unique_id, linked_id, context, tenant;
};

struct named_bridge {
    struct span prefix;
    struct span unique_id, type, channel_count;
};

/** Everything that a message names. */
struct identity {
    struct named_channel channels[IDENTITY_CHANNELS];
    struct named_bridge bridges[IDENTITY_BRIDGES];
    struct span devices[IDENTITY_DEVICES]; // "SIP/100", or "100" without its technology
    uint32_t channel_count, bridge_count, device_count;
    struct span technology; // the technology of devices that are named without one; empty: not known
    struct span context;    // value of the first `Context`
    struct span new_name;   // Rename: the new name of the channel
    struct span tenant;     // value of the first `Tenantid` of any prefix; empty: none
    struct span server;     // `Server` of the last header, which the proxy wrote; empty: none
    bool tenants_differ;    // there are several, with different values
    bool is_record;         // a CEL or Cdr: it may be late, and tell an earlier state of its channel
    bool too_many;          // the message names more than there is room for: it must be hidden from tied users
};

/** Reads `message`; the spans point into it. Empty names and `none`, `<null>`, `n/a` … are ignored, and so are channels
 *  without name and Uniqueid. Of a repeated header the first counts, because later ones may be text that a caller
 *  chose. */
void identity_read(const struct message *message, struct identity *identity);

#endif
