// core/ami/privileges.h: which classes a server's actions need, as the server itself tells: the answer to ListCommands
// has a header for each action, `Redirect: Redirect (transfer) a call.  (Priv: call,all)` (Asterisk main/manager.c:
// action_listcommands, authority_to_str). And the one rule of who may send what.
// Immutable, shared by reference. Thread: any.
#ifndef AMI_PRIVILEGES_H
#define AMI_PRIVILEGES_H

#include "ami/catalogue.h"

#define PRIVILEGES_MOST 4096     // actions of one server; what stands behind them is left out
#define PRIVILEGES_NAME_BYTES 64 // longest name of an action, its NUL included; longer ones are left out

struct privileges;

/** Reads an answer to ListCommands. Lines that tell no classes are passed over; of an action that stands there twice
 * the narrower right counts. The caller owns the reference.
 *  @return NULL: the answer is not a Success, or tells of no action */
struct privileges *privileges_parse(const struct message *answer);
struct privileges *privileges_ref(struct privileges *privileges);
/** NULL is fine. */
void privileges_unref(struct privileges *privileges);
/** Number of actions; 0 for NULL. */
uint32_t privileges_count(const struct privileges *privileges);
/** Any one of which classes an action (no case) needs; 0: none. `privileges` may be NULL. @return false: not in the
 * list */
bool privileges_find(const struct privileges *privileges, struct span action, uint32_t *classes);

/** Reads the `(Priv: …)` that a line of ListCommands ends with. Classes that nobody knows become CLASS_UNKNOWN, which
 * only `all` has. @return false: there is none; then `classes` is untouched */
bool privileges_read(struct span value, uint32_t *classes);
/** May who has the write classes `write` send an action that needs one of `classes`? One without a class is
 * everybody's, but if it changes something it is not for a user who may do nothing at all.
 *  @param info  what the catalogue knows of the action, NULL: nothing */
bool privileges_permit(uint32_t classes, const struct action_info *info, uint32_t write);
/** May who has `write` send `action` to a server that told `privileges` (NULL: nothing)? What the server told counts,
 *  then the catalogue; an action that neither knows needs every class. */
bool privileges_allow(const struct privileges *privileges, struct span action, uint32_t write);

#endif
