// core/run/trial_inside.h: what --try and --repl share: a user's scripts in a state of their own, and a capture.
// Thread: the main one, alone.
#ifndef RUN_TRIAL_INSIDE_H
#define RUN_TRIAL_INSIDE_H

#include "config/source.h"
#include "run/trial.h"
#include "session/scripting/scripts.h"

#include <stdio.h>

#define CAPTURE_BYTES ((size_t)256 * 1024 * 1024)

struct trial {
    struct view *view; // NULL: no filters
    struct script_state *state;
    FILE *out;
    uint64_t count, failed;
    struct message **messages; // messages on which the filters' `message` hooks are measured; one reference each
    size_t kept, capacity;
};

/** The configuration's scripts in a Lua state of their own, with all that they need. */
struct scratch {
    struct scripts_place place;
    struct scripts *scripts;
};

/** Loads the scripts. @param strict  see struct scripts_place @return false: `err` is set */
bool scratch_init(struct scratch *scratch, const struct config *config, bool strict, struct error *err);
void scratch_fini(struct scratch *scratch);
/** Visits all messages of the capture (lent). A banner line is skipped. */
void trial_read(const struct source *capture, void (*visit)(void *context, struct message *message), void *context);
/** Shows what the filters make of a message, and keeps the message. */
void trial_message(struct trial *trial, struct message *message);
/** Releases the messages that were kept. */
void trial_forget(struct trial *trial);

#endif
