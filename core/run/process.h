// core/run/process.h: sets up the program's own process at start: background, privileges, limits, pid file.
// Thread: main, before any other was started.
#ifndef RUN_PROCESS_H
#define RUN_PROCESS_H

#include "base/error.h"
#include "config/config.h"

#include <stdbool.h>

/** Blocks SIGHUP until process_release_signals(): it may arrive as soon as the process id is known, and would end a
 *  program that has no handler yet. Blocks SIGTERM and SIGINT, too, in the first process of a container, which would
 *  never see them. */
void process_hold_signals(void);
/** Unblocks them once there are handlers; a pending one is handled now. Thread: the one that blocked them. */
void process_release_signals(void);
/** Goes to the background. The parent waits until process_ready() or the child's end, and exits with its result, so a
 *  start script notices a failure. @return false with `err` set if the system cannot fork */
bool process_background(struct error *err);
/** Tells the waiting parent that the start has succeeded, and detaches from the terminal. Does nothing in the
 * foreground. */
void process_ready(void);
/** Raises the soft limit of open files to the hard one: each session is a descriptor. */
void process_raise_limits(void);
/** Are there enough descriptors for `config` and for clients? Call it before anything of the configuration is opened.
 *  @return false with `err`, which says how many are needed and what for */
bool process_check_files(const struct config *config, struct error *err);
/** Switches to `user` and `group` (NULL: the user's own), supplementary groups included, permanently. Gives them the
 * log file `log_to` (any value of `log.to`), the audit log (NULL: none) and the pid file (NULL: none). Does not switch
 * if the process is not root. Running as root is refused. */
bool process_drop_privileges(const char *user, const char *group, const char *log_to, const char *audit_to,
                             const char *pid_file, struct error *err);
/** Writes the process id; NULL: none wanted. */
bool process_write_pid(const char *path, struct error *err);

#endif
