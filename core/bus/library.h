// core/bus/library.h: the state that libnats has for the whole process. Thread: any bus's.
#ifndef BUS_LIBRARY_H
#define BUS_LIBRARY_H

#include "base/error.h"

#include <stdbool.h>

/** Readies libnats; library_close() must follow. @return false with `err` */
bool library_open(struct error *err);
/** Waits for libnats's threads to end, if nobody else uses it. */
void library_close(void);

#endif
