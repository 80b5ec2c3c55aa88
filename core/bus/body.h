// core/bus/body.h: what the bus thread does with a body. Thread: the one that has it.
#ifndef BUS_BODY_H
#define BUS_BODY_H

#include "bus/bus.h"

/** Copies the bytes, bus_body_length() of them, to `out`. */
void bus_body_write(const struct bus_body *body, char *out);

#endif
