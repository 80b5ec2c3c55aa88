// core/hub/coalesce.h: sends equal actions once. Two hundred wallboards that poll QueueStatus cause one action to
// Asterisk: an ask equal to one in flight gets the same answer, and configured answers are kept and reused for a while.
// Only actions that change nothing (ami/catalogue.h) are coalesced, never across an action that may change something.
// The worker of each session gives the answer the client's ActionID and applies the rules of the session's user.
// Thread: the hub's.
#ifndef HUB_COALESCE_H
#define HUB_COALESCE_H

#include "config/config.h"
#include "letters/letters.h"

struct coalescer;

/** Passes a part of an answer to the worker of `ask`; all are lent. */
typedef void coalescer_give(void *context, const struct answer_part *part, struct ask *ask);

/** Creates an empty coalescer. @param give  is called with `context` */
struct coalescer *coalescer_create(coalescer_give *give, void *context);
/** Frees the coalescer; waiting asks get nothing more. NULL is fine. */
void coalescer_destroy(struct coalescer *coalescer);
/** Takes an ask. @param usual  the server to which it goes if it names none, as far as that matters; else an empty text
 *  @return true: it gets the answer of an equal ask, whose parts so far were passed on already; false: it
 *  must be sent */
bool coalescer_take(struct coalescer *coalescer, const struct config *config, struct ask *ask, const char *usual);
/** Passes the next part of the answer to `ask` to all asks that share it. It is lent. */
void coalescer_answer(struct coalescer *coalescer, const struct answer_part *part, struct ask *ask);
/** Drops kept answers and lets no later ask join an earlier one, because something may have changed. */
void coalescer_forget(struct coalescer *coalescer);

#endif
