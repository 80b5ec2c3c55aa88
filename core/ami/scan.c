// core/ami/scan.c: see scan.h.
#include "ami/scan.h"

#include "base/marks.h"

#define STEP 64  // bytes that are looked at together: of each, a bit of a word
#define WIDTH 32 // of a vector: two registers where the processor's have 16
#define VECTORS (STEP / WIDTH)
#define THIRD 2 // place of the third byte of a line

typedef uint8_t vector __attribute__((vector_size(WIDTH)));

/** Makes a bit of each byte of a vector, all ones or zero, with instructions that all processors have.
 *  @param found  by address, because processors pass vectors by value in different ways */
typedef uint64_t bits_of(const vector *found);

__attribute__((always_inline)) static inline uint64_t bits_plainly(const vector *found)
{
    marks_lane lanes[WIDTH / MARKS_LANE];

    memcpy(lanes, found, sizeof lanes);
    return marks_bits(&lanes[0]) | marks_bits(&lanes[1]) << MARKS_LANE;
}

// Processors with wider registers get code of their own, which is chosen when the program runs.
#if defined(__x86_64__) && defined(__GNUC__)
#define HAS_WIDE_CODE
#define WIDE __attribute__((target("avx2,popcnt")))

WIDE __attribute__((always_inline)) static inline uint64_t bits_widely(const vector *found)
{
    typedef char signed_vector __attribute__((vector_size(WIDTH)));
    return (uint32_t)__builtin_ia32_pmovmskb256((signed_vector)*found);
}

static inline bool is_wide(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt");
}
#endif

/** Which of 64 bytes are LFs, CRs, and the first letters of lines that may matter (if they begin a line). */
struct marked {
    uint64_t feeds, returns, letters;
};

/** Marks bytes that are a first letter and have its third one behind them. */
__attribute__((always_inline)) static inline uint64_t mark_letters(const char *bytes, char first, char third,
                                                                   bits_of *bits)
{
    uint64_t marks = 0;

    for (int i = 0; i < VECTORS; i++) {
        vector here, behind;
        memcpy(&here, bytes + (size_t)i * WIDTH, sizeof here);
        memcpy(&behind, bytes + (size_t)i * WIDTH + THIRD, sizeof behind);
        here = (vector)((here | 0x20) == (uint8_t)first) & (vector)((behind | 0x20) == (uint8_t)third);
        marks |= bits(&here) << i * WIDTH;
    }
    return marks;
}

__attribute__((always_inline)) static inline uint64_t mark_byte(const char *bytes, char wanted, bits_of *bits)
{
    uint64_t marks = 0;

    for (int i = 0; i < VECTORS; i++) {
        vector here;
        memcpy(&here, bytes + (size_t)i * WIDTH, sizeof here);
        here = (vector)(here == (uint8_t)wanted);
        marks |= bits(&here) << i * WIDTH;
    }
    return marks;
}

/** @param bytes  STEP of them and THIRD more may be read */
__attribute__((always_inline)) static inline struct marked scan_mark(const struct scan *scan, const char *bytes,
                                                                     bits_of *bits)
{
    struct marked marked = {mark_byte(bytes, '\n', bits), mark_byte(bytes, '\r', bits),
                            mark_letters(bytes, scan->letters[0], scan->thirds[0], bits)};

    if (scan->letters[1] != scan->letters[0])
        marked.letters |= mark_letters(bytes, scan->letters[1], scan->thirds[1], bits);
    return marked;
}

/** Reports the hits among the bytes from `base` on. @param hits  not 0
 *  @return the bit of the hit for which take() returned false; 0: it never did */
static uint64_t scan_tell(uint64_t hits, size_t base, scan_take *take, void *context)
{
    for (; hits != 0; hits &= hits - 1) {
        if (!take(context, base + (size_t)__builtin_ctzll(hits)))
            return hits & -hits;
    }
    return 0;
}

/** Passes over all bytes but the last THIRD. @param bytes  more than STEP + THIRD
 *  @return true: take() returned false */
__attribute__((always_inline)) static inline bool scan_steps(struct scan *scan, struct span bytes, scan_take *take,
                                                             void *context, bits_of *bits)
{
    size_t end = bytes.length - THIRD, at = scan->at;
    uint64_t untidy = 0, stop = 0;
    uint32_t lines = 0;

    while (at < end && stop == 0) {
        uint64_t fresh = ~UINT64_C(0);
        if (__builtin_expect(at > end - STEP, 0)) { // the last step looks at some bytes again
            fresh <<= at - (end - STEP);
            at = end - STEP;
        }
        const struct marked marked = scan_mark(scan, bytes.bytes + at, bits);
        char before = bytes.bytes[at - 1];
        uint64_t hits = (marked.feeds << 1 | (before == '\n')) & (marked.returns | marked.letters) & fresh;
        at += STEP;
        if (__builtin_expect(hits != 0, 0)) {
            stop = scan_tell(hits, at - STEP, take, context);
            if (stop != 0) {
                fresh &= stop - 1;
                at += (size_t)__builtin_ctzll(stop) - STEP;
            }
        }
        lines += (uint32_t)__builtin_popcountll(marked.feeds & fresh);
        untidy |= marked.feeds & fresh & ~(marked.returns << 1 | (before == '\r'));
    }
    scan->lines += lines;
    scan->is_untidy = scan->is_untidy || untidy != 0;
    scan->at = at;
    return stop != 0;
}

/** Returns the first line from `at` on that begins with the letters, or where the last THIRD bytes begin.
 *  @param bytes  more than STEP + THIRD */
__attribute__((always_inline)) static inline size_t find_steps(struct span bytes, size_t at, char first, char third,
                                                               bits_of *bits)
{
    size_t end = bytes.length - THIRD;

    while (at < end) {
        size_t base = at < end - STEP ? at : end - STEP;
        const char *from = bytes.bytes + base;
        uint64_t hits = mark_letters(from, first, third, bits) & ~UINT64_C(0) << (at - base);
        if (__builtin_expect(hits != 0, 0)) {
            hits &= mark_byte(from, '\n', bits) << 1 | (from[-1] == '\n');
            if (hits != 0)
                return base + (size_t)__builtin_ctzll(hits);
        }
        at = base + STEP;
    }
    return at;
}

static bool scan_steps_plainly(struct scan *scan, struct span bytes, scan_take *take, void *context)
{
    return scan_steps(scan, bytes, take, context, bits_plainly);
}

static size_t find_steps_plainly(struct span bytes, size_t at, char first, char third)
{
    return find_steps(bytes, at, first, third, bits_plainly);
}

#ifdef HAS_WIDE_CODE
WIDE static bool scan_steps_widely(struct scan *scan, struct span bytes, scan_take *take, void *context)
{
    return scan_steps(scan, bytes, take, context, bits_widely);
}

WIDE static size_t find_steps_widely(struct span bytes, size_t at, char first, char third)
{
    return find_steps(bytes, at, first, third, bits_widely);
}
#else
#define scan_steps_widely scan_steps_plainly
#define find_steps_widely find_steps_plainly

static inline bool is_wide(void)
{
    return false;
}
#endif

bool scan_run(struct scan *scan, struct span bytes, scan_take *take, void *context)
{
    if (bytes.length > STEP + THIRD && (is_wide() ? scan_steps_widely : scan_steps_plainly)(scan, bytes, take, context))
        return true;
    return scan_plainly(scan, bytes, take, context);
}

size_t scan_find(struct span bytes, size_t at, char first, char third)
{
    if (bytes.length > STEP + THIRD)
        at = (is_wide() ? find_steps_widely : find_steps_plainly)(bytes, at, first, third);
    for (; at + THIRD < bytes.length; at++) {
        if (bytes.bytes[at - 1] == '\n' && (bytes.bytes[at] | 0x20) == first &&
            (bytes.bytes[at + THIRD] | 0x20) == third)
            return at;
    }
    return bytes.length;
}

/** Counts the LFs before `end`, one by one. */
static void count_to(struct scan *scan, const char *bytes, size_t end)
{
    for (; scan->at < end; scan->at++) {
        bool is_feed = bytes[scan->at] == '\n';
        scan->lines += is_feed;
        scan->is_untidy = scan->is_untidy || (is_feed && bytes[scan->at - 1] != '\r');
    }
}

/** Does the line at `at` begin as one that matters? */
static bool is_hit(const struct scan *scan, struct span bytes, size_t at)
{
    char here = bytes.bytes[at], folded = (char)(here | 0x20);

    if (here == '\r')
        return true;
    for (size_t i = 0; i < sizeof scan->letters; i++) {
        if (folded == scan->letters[i] &&
            (at + THIRD >= bytes.length || (char)(bytes.bytes[at + THIRD] | 0x20) == scan->thirds[i]))
            return true;
    }
    return false;
}

bool scan_plainly(struct scan *scan, struct span bytes, scan_take *take, void *context)
{
    for (size_t at = scan->at; at < bytes.length; at++) {
        if (bytes.bytes[at - 1] == '\n' && is_hit(scan, bytes, at) && !take(context, at)) {
            count_to(scan, bytes.bytes, at);
            return true;
        }
    }
    count_to(scan, bytes.bytes, bytes.length);
    return false;
}
