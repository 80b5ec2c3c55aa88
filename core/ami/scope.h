// core/ami/scope.h: for tied users: which headers of each action name channels, devices or contexts, and whose
// things the action concerns. An action is judged by the headers that Asterisk reads, so that a header that Asterisk
// ignores opens nothing. The list is closed: a tied user may send no action that is not in it. Source:
// astman_get_header() and astman_get_variables() in the handlers of AMI 13.0 and of older releases. Thread: any; a
// constant table.
#ifndef AMI_SCOPE_H
#define AMI_SCOPE_H

#include "ami/message.h"

/** Whose things an action reads or changes: a tied user may send only what concerns their own. */
enum scope {
    SCOPE_NEVER,   // changes the state of its connection: never sent to a server for a client
    SCOPE_NOBODYS, // affects the whole server, or things that users' entries cannot name (queues, mailboxes, files …)
    SCOPE_LISTS,   // only lists such things
    SCOPE_OWN,     // concerns the owner of what its first header names; that header is required
    SCOPE_ALL      // harmless, or a list of which each user sees only their own items
};

/** What the value of a header names. */
enum naming {
    NAMING_CHANNEL,     // a channel, by name or Uniqueid, as ast_channel_get_by_name() finds it
    NAMING_BEGINNING,   // a channel, by the beginning of its name (Bridge, Confbridge…)
    NAMING_DIAL,        // a new channel: a dial string
    NAMING_DEVICE,      // a device: the Interface of a queue member
    NAMING_EITHER,      // a channel, or a device that Asterisk may dial (TimeoutChannel of Park)
    NAMING_PEER,        // a device without its technology
    NAMING_ANYONE,      // a device by an address or the id of its call, which no entry has
    NAMING_CONTEXT,     // a context of the dialplan in which no call is run; Asterisk has a default
    NAMING_TARGET,      // a context in which a call continues; without the header Asterisk chooses one
    NAMING_EXTENSION,   // an extension of which Asterisk makes the dial string `Local/EXTENSION@CONTEXT`, or its digits
    NAMING_ASSIGNMENTS, // `name=value,…`; the header may be repeated
    NAMING_SET,         // one variable or function that is written
    NAMING_GET,         // one variable or function that is read
    NAMING_GETS,        // several of them, separated by commas
    NAMING_COMMAND,     // a line for the command line interface
    NAMING_EVENT,       // the name of an event: all other headers become part of it
    NAMING_GRANTED,     // a file, a program, a parking lot …: belongs to nobody, like SCOPE_NOBODYS
    NAMING_REFUSED      // an id for a new channel, or an application: could exceed any rule
};

struct named_header {
    const char *name; // NULL: the end
    enum naming naming;
};

struct action_scope {
    const char *action;
    enum scope scope;
    const struct named_header *headers; // SCOPE_OWN: the first is required
};

/** Finds an action (in any case). @return NULL: it is not in the list */
const struct action_scope *scope_find(struct span action);
/** Finds its header `name` (in any case). @return NULL: the header names nothing that matters */
const struct named_header *scope_header(const struct action_scope *scope, struct span name);
/** Return the number of entries, and entry `index`; for tests. */
size_t scope_count(void);
const struct action_scope *scope_at(size_t index);

#endif
