// core/script/call_tables.h: m.call: for each filter a table that lives as long as the message's call: from its first
// use until all channels of the Linkedid that were seen have hung up. Other filters, and so other users, have tables of
// their own.  Thread: the worker's.
#ifndef SCRIPT_CALL_TABLES_H
#define SCRIPT_CALL_TABLES_H

#include "script/state.h"

#define CALL_TABLES_MOST 10000 // calls with tables; of more, the one that was silent for longest loses its tables

/** Pushes the table of the running filter for the call of `message`; nil: it belongs to no call, or no filter runs.
 *  May raise. */
void lua_push_call(lua_State *L, const struct message *message);
/** Pushes all tables of a filter, by the numbers of their calls; nil: it has none. Does not raise. */
void script_call_tables_push(struct script_state *state, const struct script_filter *filter);
/** Gives a filter the tables on top of the stack, which it pops. May raise. */
void lua_call_tables_set(lua_State *L, const struct script_filter *filter);
/** Moves what is known of calls to a state that has none, without the tables. May raise in the other state, `L`: then
 *  nothing has changed. */
void lua_call_tables_move(lua_State *L, struct script_state *from);
/** Frees the tables of calls that are over. */
void script_call_tables_step(struct script_state *state);
/** Frees the tables of a filter that is freed. */
void script_call_tables_forget(struct script_state *state, const struct script_filter *filter);
void script_call_tables_fini(struct script_state *state);
/** Returns the number of calls with tables; for tests. */
size_t script_call_tables_count(const struct script_state *state);

#endif
