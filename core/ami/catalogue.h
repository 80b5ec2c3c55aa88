// core/ami/catalogue.h: the table of AMI actions (Asterisk: every ast_manager_register call of AMI 13.0.0, and those of
// older releases). Thread: any; a constant table.
#ifndef AMI_CATALOGUE_H
#define AMI_CATALOGUE_H

#include "ami/message.h"

#include <stdint.h>

/** The effect of an action on a server, which decides what the proxy may do with it. */
enum action_effect {
    EFFECT_SESSION,  // changes the state of its own connection: never forwarded (Login, Events, Filter, WaitEvent …)
    EFFECT_LOCAL,    // answered by the proxy itself (Ping)
    EFFECT_STABLE,   // reads data that seldom change
    EFFECT_VOLATILE, // reads data that change all the time
    EFFECT_OWN,      // reads data, but may have side effects or depends on the asker
    EFFECT_CHANGES   // changes something: sent exactly once, never repeated; also each unknown action
};

/** The form of the answer to an action. */
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
    bool blocking;          // may delay all later actions of its connection
    bool sensitive;         // discloses secrets or can be made to run code
    bool late;              // more may come after its answer (server/late.c)
};

/** Finds an action by name (in any case). @return NULL: it is unknown */
const struct action_info *catalogue_find(struct span name);
/** Does the action of that name, or the proxy action of that name which comes with the program, only read? An unknown
 *  action may change something. */
bool catalogue_only_reads(struct span name);
/** Does the message, an action or a proxy action, only read? A header `Variables:` may call functions that write. */
bool catalogue_message_only_reads(const struct message *action);
/** catalogue_blocks() of an action that the table says may block. */
bool catalogue_blocks_now(const struct message *action);
/** May this action delay the later actions of its connection? An Originate only without a true `Async:`, UpdateConfig
 *  only with `Reload:` (yes or a module), others by the table. */
static inline bool catalogue_blocks(const struct message *action)
{
    return action->info != NULL && action->info->blocking && catalogue_blocks_now(action);
}
/** May it block for as long as a person takes (an Originate that waits for its call)? Others block only while Asterisk
 *  works (Command, Reload …). */
bool catalogue_waits_for_people(const struct message *action);
#define CATALOGUE_LONGEST_CALL_MS UINT64_C(3600000) // for an Originate without a time limit
/** Returns how long an Originate may ring: its `Timeout:` as Asterisk reads it (main/manager.c action_originate: sscanf
 *  "%d"; 30 s without the header). Values that mean no limit to Asterisk (0, a negative number, more than an int holds)
 *  and longer ones become CATALOGUE_LONGEST_CALL_MS.
 *  @return milliseconds; 0: another action, or Asterisk refuses it at once */
uint64_t catalogue_call_ms(const struct message *action);
/** Does the name of an event say that a list ends with it (`…Complete`)? */
bool catalogue_ends_list(struct span event);
/** catalogue_is_async() of an action that the table says may block. */
bool catalogue_is_async_call(const struct message *action);
/** Is it an Originate with a true `Async:` (Asterisk ast_true: yes true y t 1 on)? An OriginateResponse follows then.
 */
static inline bool catalogue_is_async(const struct message *action)
{
    return action->info != NULL && action->info->blocking && catalogue_is_async_call(action);
}
/** Return the number of entries, and entry `index`; for listings and tests. */
uint32_t catalogue_count(void);
const struct action_info *catalogue_at(uint32_t index);

#endif
