// core/ami/scope.h: what each action takes, for who may act on some channels, devices or contexts only: which of its
// headers name what, and whose business it is. An action is judged by the headers that it really has, so that one that
// it ignores is no key to it. A closed list: what it does not say is open to nobody who is tied.
// Source: astman_get_header() and astman_get_variables() in the handlers of Asterisk 13.0 of AMI and older releases.
// Thread: any; a constant table.
#ifndef AMI_SCOPE_H
#define AMI_SCOPE_H

#include "ami/message.h"

/** Whose business an action is. */
enum scope {
    SCOPE_NEVER,   // state of one connection: nothing that a server is sent for a client
    SCOPE_NOBODYS, // works on the whole server, or on what no user's entry speaks of (queues, mailboxes, files …)
    SCOPE_LISTS,   // the same, but it only shows it
    SCOPE_OWN,     // of who owns what its first header names; that header must be there
    SCOPE_ALL      // harmless, or a list of which everybody is shown only his own items
};

/** What the value of a header names. */
enum naming {
    NAMING_CHANNEL,     // a channel, by name or Uniqueid, as ast_channel_get_by_name() finds it
    NAMING_BEGINNING,   // a channel, by how its name begins (Bridge, Confbridge…): only a whole name is certain
    NAMING_DIAL,        // a channel that is made: a dial string
    NAMING_DEVICE,      // a device: a queue member's Interface
    NAMING_EITHER,      // a channel or a device (Park's TimeoutChannel)
    NAMING_PEER,        // a device, its technology left out
    NAMING_CONTEXT,     // a context of the dialplan; Asterisk has another for who names none, where nothing is run
    NAMING_TARGET,      // a context in which a call goes on: one that is not named is chosen by Asterisk
    NAMING_ASSIGNMENTS, // `name=value,…`; each of many such headers counts
    NAMING_SET,         // one variable or function that is written
    NAMING_GET,         // one that is read
    NAMING_GETS,        // several, with commas between
    NAMING_COMMAND,     // a line of the command line interface
    NAMING_EVENT,       // the name of an event: all other headers become part of it
    NAMING_GRANTED,     // a file, a program, a parking lot …: nobody's, like SCOPE_NOBODYS
    NAMING_REFUSED      // an id to be given to a channel, an application: would reach beyond any rule
};

struct named_header {
    const char *name; // NULL: the end
    enum naming naming;
};

struct action_scope {
    const char *action;
    enum scope scope;
    const struct named_header *headers; // SCOPE_OWN: the first must be there
};

/** What is known of an action (no case). @return NULL: nothing */
const struct action_scope *scope_find(struct span action);
/** What its header `name` (no case) names. @return NULL: nothing that counts */
const struct named_header *scope_header(const struct action_scope *scope, struct span name);
/** Number of entries, and entry `index`: for tests. */
size_t scope_count(void);
const struct action_scope *scope_at(size_t index);

#endif
