// emit.h: building one asynchronous event and offering it to every session.
#pragma once
#include <stdint.h>

struct channel;
struct simulator;

/** Begins an event of `classes`. One event is built at a time. */
void emit_start(struct simulator *simulator, const char *name, uint32_t classes);

/** Adds one line; the line end is added. */
void emit_line(struct simulator *simulator, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Ends the event and offers it to every session. */
void emit_end(struct simulator *simulator);
