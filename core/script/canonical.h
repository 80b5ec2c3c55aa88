// core/script/canonical.h: values that are names. Asterisk and the proxy compare names of actions, events, servers and
// proxy actions without regard to case and to blanks around them; scripts compare with `==`, so they are given each in
// one spelling, whatever the client wrote. What goes to the server stays as it was written.  Thread: the worker's.
#ifndef SCRIPT_CANONICAL_H
#define SCRIPT_CANONICAL_H

#include "script/edit.h"
#include "script/state.h"

/** What the value of a header names. */
enum header_role { ROLE_PLAIN, ROLE_ACTION, ROLE_EVENT, ROLE_PROXY_ACTION, ROLE_SERVER };

/** By the header's name, without regard to case. */
enum header_role script_role_of(struct span name);
/** The one spelling of a name: of actions the catalogue's, of events the vocabulary's, of proxy actions and servers
 *  their own. What is not known stays as it is. Lent as long as `value` and the state. */
struct span script_canonical(const struct script_state *state, enum header_role role, struct span value);
/** What the header `name` of that role (not ROLE_PLAIN) says in a message with these changes (NULL: none), in its one
 *  spelling. Of several the first that is not empty, which is the one that Asterisk and the proxy take.
 *  @return false: there is none */
bool script_find_name(const struct script_state *state, const struct message *message, const struct edit *edit,
                      enum header_role role, struct span name, struct span *value);

#endif
