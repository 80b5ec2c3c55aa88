// core/hub/coalesce.h: equal questions are asked once. Two hundred wallboards that poll QueueStatus are one question to
// Asterisk: who asks what is being asked already gets the same answer, and what is configured to be kept is answered
// from memory for a while. Only what changes nothing (ami/catalogue.h) is shared, never across an action that may
// change something. Each asker's worker gives the answer its own ActionID and judges it by its own user's rules.
// Thread: the hub's.
#ifndef HUB_COALESCE_H
#define HUB_COALESCE_H

#include "config/config.h"
#include "letters/letters.h"

struct coalescer;

/** Hands a part of an answer to the worker of `ask`; all are lent. */
typedef void coalescer_give(void *context, const struct answer_part *part, struct ask *ask);

/** Nothing is asked or kept yet. @param give  is called with `context` */
struct coalescer *coalescer_create(coalescer_give *give, void *context);
/** Frees; whoever waits gets nothing more. NULL is fine. */
void coalescer_destroy(struct coalescer *coalescer);
/** An ask has come. @return true: it is answered by what was or is being asked, what there is of it was given already;
 *  false: it must be sent */
bool coalescer_take(struct coalescer *coalescer, const struct config *config, struct ask *ask);
/** A part of the answer to `ask`, in turn: those who share it are given it too. It is lent. */
void coalescer_answer(struct coalescer *coalescer, const struct answer_part *part, struct ask *ask);
/** Something may have changed: nobody joins what was asked before, and nothing is kept. */
void coalescer_forget(struct coalescer *coalescer);

#endif
