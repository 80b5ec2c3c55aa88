// core/ami/privileges.h: the classes that a server's actions require, and the rule of who may send an action. The
// answer to ListCommands has a header for each action: `Redirect: Redirect (transfer) a call.  (Priv: call,all)`
// (Asterisk main/manager.c: action_listcommands, authority_to_str). Immutable, shared by reference. Thread: any.
#ifndef AMI_PRIVILEGES_H
#define AMI_PRIVILEGES_H

#include "ami/catalogue.h"

#define PRIVILEGES_MOST 4096     // most actions of one server; further ones are ignored
#define PRIVILEGES_NAME_BYTES 64 // longest name of an action with its NUL; longer ones are ignored

struct privileges;

/** Parses an answer to ListCommands. Lines without classes are ignored; if an action is listed twice, the narrower
 *  right counts. The caller owns the reference.
 *  @return NULL: the answer is not a Success, or lists no action */
struct privileges *privileges_parse(const struct message *answer);
/** Adds a reference. `privileges` may be NULL. @return `privileges` */
struct privileges *privileges_ref(struct privileges *privileges);
/** Releases a reference. `privileges` may be NULL. */
void privileges_unref(struct privileges *privileges);
/** Returns the number of actions; 0 for NULL. */
uint32_t privileges_count(const struct privileges *privileges);
/** Finds the classes of an action (in any case). @param classes  set to the classes of which any one suffices; 0: none
 *  is needed @param privileges  may be NULL @return false: the action is not in the list */
bool privileges_find(const struct privileges *privileges, struct span action, uint32_t *classes);

/** Reads the `(Priv: …)` at the end of a line of ListCommands. Unknown classes become CLASS_UNKNOWN, which only `all`
 *  includes. @return false: there is none, and `classes` is unchanged */
bool privileges_read(struct span value, uint32_t *classes);
/** May a user with the write classes `write` send an action that requires one of `classes`? An action without classes
 *  is for all users; if it changes something, it is for users with at least one class.
 *  @param info  the action's entry in the catalogue, NULL: none */
bool privileges_permit(uint32_t classes, const struct action_info *info, uint32_t write);
/** May a user with `write` send `action` to a server with `privileges` (NULL: not known)? The server's list decides,
 *  then the catalogue; an action that is in neither requires all classes. */
bool privileges_allow(const struct privileges *privileges, struct span action, uint32_t write);

#endif
