// core/base/scan.h: looks at bytes eight at a time. Actions are judged byte for byte, several times on their way.
// Thread: any; the functions are pure.
#ifndef BASE_SCAN_H
#define BASE_SCAN_H

#include "base/span.h"

#define SCAN_ONES UINT64_C(0x0101010101010101) // times a byte: that byte eight times

/** Is one of eight bytes below `limit` (at most 0x80)? */
static inline bool scan_has_less(uint64_t word, uint64_t limit)
{
    return ((word - limit * SCAN_ONES) & ~word & 0x80 * SCAN_ONES) != 0;
}

/** Is one of eight bytes CR, LF or NUL? */
static inline bool scan_has_line_end(uint64_t word)
{
    return scan_has_less(word, 1) || scan_has_less(word ^ '\n' * SCAN_ONES, 1) ||
           scan_has_less(word ^ '\r' * SCAN_ONES, 1);
}

/** Is one of eight bytes a blank, a control byte, DEL or a colon: forbidden in the name of a header? */
static inline bool scan_has_no_name(uint64_t word)
{
    return scan_has_less(word, ' ' + 1) || scan_has_less(word ^ 0x7f * SCAN_ONES, 1) ||
           scan_has_less(word ^ ':' * SCAN_ONES, 1);
}

/** Does `find` find its byte in the text? It is called with eight bytes at a time, some of them twice, and in a short
 *  text with letters `a` beside them. */
__attribute__((always_inline)) static inline bool scan_finds(struct span text, bool (*find)(uint64_t word))
{
    uint64_t word = 'a' * SCAN_ONES;
    uint32_t halves[2];

    for (size_t i = 0; i + sizeof word <= text.length; i += sizeof word) {
        memcpy(&word, text.bytes + i, sizeof word);
        if (find(word))
            return true;
    }
    if (text.length >= sizeof word) {
        memcpy(&word, text.bytes + text.length - sizeof word, sizeof word);
    } else if (text.length >= sizeof halves[0]) {
        memcpy(&halves[0], text.bytes, sizeof halves[0]);
        memcpy(&halves[1], text.bytes + text.length - sizeof halves[0], sizeof halves[0]);
        word = (uint64_t)halves[0] << 32 | halves[1];
    } else {
        for (size_t i = 0; i < text.length; i++)
            word = word << 8 | (unsigned char)text.bytes[i];
    }
    return find(word);
}

#endif
