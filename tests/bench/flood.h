// tests/bench/flood.h: the events of the flood: made once, sent again and again, and checked byte by byte.
//
//   Event: … Sequence: NNNNNNNN … Sum: HHHHHHHHHHHHHHHH      540 bytes; a proxy may add headers behind the sum
//
// The sequence runs from 0 to FLOOD_CYCLE - 1 and starts again, so that nothing is written while events are sent. The
// sum is of all bytes in front of it: a byte that changes, or changes its place, changes the sum.
#ifndef BENCH_FLOOD_H
#define BENCH_FLOOD_H

#include "bench.h"

#define FLOOD_BYTES 540
#define FLOOD_CYCLE 4000

static const char flood_start[] = "Event: Newexten\r\nPrivilege: dialplan,all\r\nSequence: ";
static const char flood_sum_name[] = "Sum: ";

#define FLOOD_SEQUENCE_DIGITS 8
#define FLOOD_SUM_DIGITS 16
#define FLOOD_SUM_AT (FLOOD_BYTES - 4 - FLOOD_SUM_DIGITS - (sizeof flood_sum_name - 1))

/** Four sums side by side, so that a processor works on them at the same time. */
static inline uint64_t flood_sum(const char *bytes, size_t length)
{
    uint64_t sums[4] = {1, 2, 3, 4}, words[4] = {0}, result = 0;
    size_t at = 0;

    for (; at + sizeof words <= length; at += sizeof words) {
        memcpy(words, bytes + at, sizeof words);
        for (int i = 0; i < 4; i++)
            sums[i] = (sums[i] ^ words[i]) * 0x9e3779b97f4a7c15u;
    }
    for (; at < length; at++)
        sums[at % 4] = (sums[at % 4] ^ (unsigned char)bytes[at]) * 0x9e3779b97f4a7c15u;
    for (int i = 0; i < 4; i++)
        result = (result ^ (sums[i] >> 29) ^ sums[i]) * 0x9e3779b97f4a7c15u;
    return result;
}

/** Writes one event to `to`, which has room for FLOOD_BYTES and a NUL. */
static inline void flood_make(char *to, unsigned sequence)
{
    int length =
        snprintf(to, FLOOD_BYTES,
                 "%s%08u\r\nChannel: PJSIP/load-%08x\r\nChannelState: 6\r\nChannelStateDesc: Up\r\n"
                 "CallerIDNum: 2025550%03u\r\nCallerIDName: Alice Example\r\nConnectedLineNum: 100\r\n"
                 "ConnectedLineName: <unknown>\r\nLanguage: en\r\nAccountCode: sales\r\nContext: from-internal\r\n"
                 "Exten: 100\r\nPriority: 3\r\nUniqueid: 1700000000.%u\r\nLinkedid: 1700000000.%u\r\n"
                 "Extension: 100\r\nApplication: Dial\r\nAppData: PJSIP/100,30,tT",
                 flood_start, sequence, sequence, sequence % 1000, sequence, sequence);
    if (length < 0 || (size_t)length + 2 > FLOOD_SUM_AT)
        bench_fail("the event is too long");
    memset(to + length, '.', FLOOD_SUM_AT - 2 - (size_t)length);
    memcpy(to + FLOOD_SUM_AT - 2, "\r\n", 2);
    snprintf(to + FLOOD_SUM_AT, FLOOD_BYTES + 1 - FLOOD_SUM_AT, "%s%016llx\r\n\r\n", flood_sum_name,
             (unsigned long long)flood_sum(to, FLOOD_SUM_AT));
}

/** Reads an event's sequence and checks its sum. @return false: these are not the bytes that flood_make() wrote */
static inline bool flood_check(const char *event, size_t length, unsigned *sequence)
{
    uint64_t sum = 0;

    if (length < FLOOD_BYTES || memcmp(event, flood_start, sizeof flood_start - 1) != 0)
        return false;
    *sequence = 0;
    for (size_t i = 0; i < FLOOD_SEQUENCE_DIGITS; i++)
        *sequence = *sequence * 10 + (unsigned)(event[sizeof flood_start - 1 + i] - '0');
    for (size_t i = 0; i < FLOOD_SUM_DIGITS; i++) {
        char digit = event[FLOOD_SUM_AT + sizeof flood_sum_name - 1 + i];
        sum = sum << 4 | (uint64_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
    }
    return *sequence < FLOOD_CYCLE && sum == flood_sum(event, FLOOD_SUM_AT);
}

#endif
