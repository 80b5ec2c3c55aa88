// core/ami/catalogue.h: what is known of each AMI action (Asterisk: every ast_manager_register call of AMI 13.0.0, and
// those of older releases). Thread: any; a constant table.
#ifndef AMI_CATALOGUE_H
#define AMI_CATALOGUE_H

#include "ami/message.h"

#include <stdint.h>

/** What an action does to a server, and so what a proxy may do with it. */
enum action_effect {
    EFFECT_SESSION,  // state of this one client: never forwarded (Login, Events, Filter, WaitEvent …)
    EFFECT_LOCAL,    // answered by the proxy itself (Ping)
    EFFECT_STABLE,   // reads what seldom changes
    EFFECT_VOLATILE, // reads what changes all the time
    EFFECT_OWN,      // reads, but may have side effects or depends on the asker
    EFFECT_CHANGES   // changes something: forwarded exactly once, never repeated; unknown actions too
};

/** What answers it. */
enum answer_shape {
    ANSWER_SINGLE, // one response
    ANSWER_LIST,   // a response, items, a completion event (older servers: a plain response, then the same)
    ANSWER_EVENT,  // a response, then one event named as the action, with its ActionID (FAXSession, FAXStats)
    ANSWER_TEXT    // raw text and a blank line, neither Response nor ActionID (IAXnetstats, Queues of <= 13)
};

struct action_info {
    const char *name;       // canonical spelling
    uint32_t classes;       // any one of these write classes allows it; 0: every logged-in user
    const char *completion; // ANSWER_LIST: name of the event that ends the list, else NULL
    uint8_t effect;         // enum action_effect
    uint8_t shape;          // enum answer_shape
    bool blocking;          // may hold up everything behind it on its connection
    bool sensitive;         // discloses secrets or can be made to run code
};

/** Finds an action by name (no case); NULL if it is not known. */
const struct action_info *catalogue_find(struct span name);
/** Does the action of that name, or the proxy action that comes with the program, change nothing? Unknown ones may. */
bool catalogue_only_reads(struct span name);
/** Does this action hold up its connection? Looks at its headers too: Originate only without a true `Async:`,
 *  UpdateConfig only with `Reload:` (yes or a module), the rest by the table. */
bool catalogue_blocks(const struct message *action);
/** Does it hold up its connection for as long as a person takes (an Originate that waits for its call), not just for as
 *  long as the machine works on it (Command, Reload …)? */
bool catalogue_waits_for_people(const struct message *action);
#define CATALOGUE_LONGEST_CALL_MS UINT64_C(3600000) // for an Originate without an end of its own
/** How long an Originate may ring: its `Timeout:` as Asterisk reads it (main/manager.c, action_originate: sscanf "%d",
 *  30 s without one). What Asterisk takes for no limit (0, a negative number, more than an int holds) and what is
 *  longer is CATALOGUE_LONGEST_CALL_MS. @return milliseconds; 0: another action, or Asterisk refuses it at once */
uint64_t catalogue_call_ms(const struct message *action);
/** Is it an Originate with `Async:` true (Asterisk ast_true: yes true y t 1 on), so an OriginateResponse event follows?
 */
bool catalogue_is_async(const struct message *action);
/** Number of entries, and entry `index`: for listings and tests. */
uint32_t catalogue_count(void);
const struct action_info *catalogue_at(uint32_t index);

#endif
