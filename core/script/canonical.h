// core/script/canonical.h: names in one spelling. Asterisk and the proxy compare the names of actions, events, servers
// and proxy actions without case and without surrounding blanks. Scripts compare with `==`, so they get each name in
// one spelling, whatever the client wrote. Servers are sent the original spelling.  Thread: the worker's.
#ifndef SCRIPT_CANONICAL_H
#define SCRIPT_CANONICAL_H

#include "script/edit.h"
#include "script/state.h"

/** What the value of a header names. */
enum header_role { ROLE_PLAIN, ROLE_ACTION, ROLE_EVENT, ROLE_PROXY_ACTION, ROLE_SERVER };

/** Returns the role of a header by its name (in any case). */
enum header_role script_role_of(struct span name);
/** Returns the canonical spelling of a name: that of the catalogue for actions, of the vocabulary for events, their own
 *  for proxy actions and servers. Unknown names are returned unchanged. Valid as long as `value` and the state. */
struct span script_canonical(const struct script_state *state, enum header_role role, struct span value);
/** Gets the value of the header `name` of that role (not ROLE_PLAIN), in canonical spelling, from a message with
 *  changes (`edit` NULL: without). Of several headers the first that is not empty counts, as for Asterisk and the
 *  proxy.
 *  @return false: there is none */
bool script_find_name(const struct script_state *state, const struct message *message, const struct edit *edit,
                      enum header_role role, struct span name, struct span *value);

#endif
