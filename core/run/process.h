// core/run/process.h: what the program does to its own process at start: background, privileges, limits, pid file.
// Thread: main, before any other was started.
#ifndef RUN_PROCESS_H
#define RUN_PROCESS_H

#include "base/error.h"
#include "config/config.h"

#include <stdbool.h>

/** Whoever knows the process id may send SIGHUP at once: it waits for process_release_hangup(), and does not end the
 *  program that cannot take it yet. */
void process_hold_hangup(void);
/** Once there is a handler: what has come since is handled now. Thread: the one that held it. */
void process_release_hangup(void);
/** Goes to the background. The parent waits until process_ready() or the child's end, and exits with its verdict, so a
 *  start script hears of a failure. @return false with `err` set if the system cannot fork */
bool process_background(struct error *err);
/** Tells the waiting parent that the start has succeeded, and lets go of the terminal. Nothing in the foreground. */
void process_ready(void);
/** Raises the soft limit of open files to the hard one: each session is a descriptor. */
void process_raise_limits(void);
/** Are there descriptors enough for what `config` needs, and for clients beside it? To be asked before anything of it
 * is opened. @return false with `err`, which says how many are needed and what for */
bool process_check_files(const struct config *config, struct error *err);
/** Becomes `user` and `group` (NULL: the user's own), supplementary groups included, for good; the log file `log_to`
 * (any value of `log.to`) and the file of the process id (NULL: none) become theirs. Without root it stays who it is.
 * Running as root is refused. */
bool process_drop_privileges(const char *user, const char *group, const char *log_to, const char *pid_file,
                             struct error *err);
/** Writes the process id; NULL: none wanted. */
bool process_write_pid(const char *path, struct error *err);

#endif
