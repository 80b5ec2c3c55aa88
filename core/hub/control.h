// core/hub/control.h: what an operator asks for by a proxy action (amp.control), and the surveys of the workers that
// some of it needs.  Thread: the hub's.
#ifndef HUB_CONTROL_H
#define HUB_CONTROL_H

#include "base/mailbox.h"

struct command;
struct hub;

/** Runs a command of kind COMMAND_CONTROL, which is taken, and answers it, at once or after all workers have answered.
 *  Its arguments begin with `Command:`
 *    servers                  an event for each server (server/describe.c)
 *    sessions                 an event for each session; Sort: newest, traffic or backlog; Before:, Most: as
 * ListSessions filters                  an event for each filter and proxy action release, Filter:         ends the
 * quarantine of a filter drain, resume, Server:   takes a server out of service, or back into it log, Level: changes
 * the level of the log unlock, Address:         forgets the failed logins of an address */
void control_run(struct hub *hub, struct command *command);
/** Takes the answer of a worker. */
void control_surveyed(struct hub *hub, struct letter *letter);
/** Frees such an answer. */
void control_drop(struct letter *letter);
/** Frees the commands whose surveys are not complete. The workers are gone. */
void control_fini(struct hub *hub);

#endif
