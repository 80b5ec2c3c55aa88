// core/exports/verdict.h: what the answer to a post means, when to try again, and the signature of a post.
// Thread: any; pure.
#ifndef EXPORTS_VERDICT_H
#define EXPORTS_VERDICT_H

#include "base/span.h"

#include <stdint.h>

#define SIGNATURE_SIZE 192 // of a header's value with two signatures, NUL included

enum export_verdict {
    EXPORT_DELIVERED, // 2xx
    EXPORT_REFUSED,   // the messages are wrong, and would be wrong again: they are given up
    EXPORT_FAILED     // no answer, or one about the place, the sender or the time: they are posted again
};

/** Judges an answer. @param status  of HTTP; 0: there was none */
enum export_verdict export_judge(unsigned status);
/** Returns how long to wait after `failures` failures in a row (at least 1): `interval_ms`, doubled each time, up to
 *  `longest_ms`, less up to a quarter at random; longer if the receiver asks for it, but not than `longest_ms`.
 *  @param random  any number */
uint64_t export_wait(uint32_t failures, uint64_t interval_ms, uint64_t longest_ms, uint64_t retry_after_ms,
                     uint32_t random);
/** Writes the signature of a body: `t=SECONDS,v1=HEX`, HEX being the HMAC-SHA256 with the secret over SECONDS, a dot
 * and the body; a second `,v1=HEX` with the previous secret.
 *  @param secret  NULL: nothing is signed  @param previous  NULL: none  @return `text`; empty: not signed */
const char *export_sign(char text[SIGNATURE_SIZE], int64_t seconds, struct span body, const char *secret,
                        const char *previous);

#endif
