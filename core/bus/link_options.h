// core/bus/link_options.h: options of a connection to a NATS server. Thread: the bus's.
#ifndef BUS_LINK_OPTIONS_H
#define BUS_LINK_OPTIONS_H

#ifdef AMP_WITH_NATS

#include "bus/identity.h"

#include <nats/nats.h>

/** Sets all options but the callbacks. @param identity  lent until the connection is destroyed */
natsStatus link_options_set(natsOptions *options, const char *url, struct bus_identity *identity);

#endif
#endif
