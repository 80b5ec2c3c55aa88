// core/run/trial_inside.h: what --try and --repl share: a user's scripts in a state of their own, and a capture.
// Thread: the main one, alone.
#ifndef RUN_TRIAL_INSIDE_H
#define RUN_TRIAL_INSIDE_H

#include "run/trial.h"
#include "session/scripting/scripts.h"

#include <stdio.h>

struct trial {
    struct view *view; // NULL: no filters
    struct script_state *state;
    FILE *out;
    uint64_t count, failed;
    struct message **messages; // what trial_keep() was given; one reference each
    size_t kept, capacity;
};

/** The configuration's scripts in a Lua state of their own, with all that they need. */
struct scratch {
    struct scripts_place place;
    struct scripts *scripts;
};

/** Loads the scripts for a user of the configuration. stderr has the reason if that fails.
 *  @return the user's entry, and trial_end() is due; NULL: it failed */
const struct user_config *trial_begin(struct trial *trial, struct scratch *scratch, const struct config *config,
                                      const char *user);
void trial_end(struct trial *trial, struct scratch *scratch);
/** Visits all messages (lent) of a file of AMI. @return false: stderr has the reason why it cannot be read */
bool trial_read(struct trial *trial, const char *path, void (*visit)(struct trial *trial, struct message *message));
/** Shows what the filters make of a message. */
void trial_message(struct trial *trial, struct message *message);
/** Keeps a message until trial_end(). */
void trial_keep(struct trial *trial, struct message *message);

#endif
