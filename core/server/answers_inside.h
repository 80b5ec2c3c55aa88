// core/server/answers_inside.h: what the files answers*.c share; no other file includes it.  Thread: the hub's.
#ifndef SERVER_ANSWERS_INSIDE_H
#define SERVER_ANSWERS_INSIDE_H

#include "server/answers.h"

/** Passes a part of an answer to the asker, or to the merge. Takes its message. */
void answers_give(struct servers *servers, struct exchange *exchange, struct answer_part part);
/** Notes that the answer is complete. The exchange stays for a while if a message can come late: answers_let_go()
 *  decides. @param reason  AMP_REASON_NONE: it was answered */
void answers_finish(struct servers *servers, struct exchange *exchange, enum amp_reason reason);
/** Frees the exchange if it is answered and no message can come late. */
void answers_let_go(struct servers *servers, struct exchange *exchange);
/** Returns what is left of the time limit. */
uint64_t answers_left_ms(const struct exchange *exchange);

/** Returns a part (taken) of an answer of raw text, as text without headers. */
struct message *answers_as_text(const struct exchange *exchange, struct message *message);

#endif
