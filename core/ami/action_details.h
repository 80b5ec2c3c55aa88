// core/ami/action_details.h: the arguments of actions, and the items of their lists, as far as they are known: for the
// description that machines read. Nothing is judged by it, as modules and releases have others.  Thread: any; a
// constant table.
#ifndef AMI_ACTION_DETAILS_H
#define AMI_ACTION_DETAILS_H

#include <stddef.h>

struct action_details {
    const char *name;
    const char *arguments; // names separated by blanks, `!` behind a required one, `*` behind one that may be repeated
    const char *items;     // events of the list, without its last, separated by blanks; empty: no list, or not known
};

/** Finds the details of an action of the catalogue. @return NULL: not known */
const struct action_details *action_details_find(const char *name);
/** Return the number of rows, and row `index`; for tests. */
size_t action_details_count(void);
const struct action_details *action_details_at(size_t index);

#endif
