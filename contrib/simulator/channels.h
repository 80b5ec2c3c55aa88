// channels.h: live channels and calls: finding them, and the blocks of headers that describe them.
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "simulator.h"

enum { CALL_CHANNELS = 4, NAME_BYTES = 160, TENANT_BYTES = 64 };
enum { STATE_DOWN = 0, STATE_RING = 4, STATE_RINGING = 5, STATE_UP = 6 };

struct channel {
    char name[NAME_BYTES];
    char uniqueid[40];
    char linkedid[40];
    char number[NAME_BYTES];
    char caller[NAME_BYTES];
    char connected_number[NAME_BYTES];
    char connected_name[NAME_BYTES];
    char account[NAME_BYTES];
    char context[NAME_BYTES];
    char exten[NAME_BYTES];
    char application[NAME_BYTES];
    char data[NAME_BYTES];
    char tenant[TENANT_BYTES]; // empty: none
    int priority;
    int state;
    time_t created;
    time_t answered; // 0: not yet
    bool gone;
};

/** Calls `visit` for each live channel, then for the fixed ones of --lists. `call` is NULL for the latter. */
typedef void channel_visit(void *context, const struct channel *channel, const struct call *call);
void channels_visit(const struct simulator *simulator, channel_visit *visit, void *context);

/** Lends the live channel of this name (any case) or Uniqueid, or NULL. `call`, if not NULL, gets its call. */
struct channel *channel_find(const struct simulator *simulator, const char *name, struct call **call);

/** Gives a new channel its name, Uniqueid and caller; `suffix` follows the number in the name. */
void channel_init(struct simulator *simulator, struct channel *channel, const char *device, const char *suffix);

/** Adds the headers that describe `channel` to `text`, each name with `prefix` in front. */
void channel_format(struct text *text, const char *prefix, const struct channel *channel);

/** Copies `value` to a field of NAME_BYTES, cut if it is longer. */
void channel_set(char field[NAME_BYTES], const char *value);

/** Begins an event about `channel` with its headers; emit_line() and emit_end() follow. */
void emit_channel(struct simulator *simulator, const char *event, unsigned classes, const struct channel *channel);

/** Emits a CEL event. */
void emit_cel(struct simulator *simulator, const struct channel *channel, const char *name, const char *extra);

/** Emits the Cdr of `channel`. */
void emit_cdr(struct simulator *simulator, const struct channel *channel, const char *other);

/** Formats a time as CDR and CEL have it. */
void time_format(time_t when, char out[32]);
