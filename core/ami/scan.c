// core/ami/scan.c: see scan.h.
#include "ami/scan.h"

// 32 bytes: two registers where the processor's have 16. Where the program can choose when it starts, processors with
// wider ones get code of their own; a sanitizer is not ready when that choice is made.
#define WIDTH 32
#define MOST_VECTORS 255 // that the counter of a byte can count
#define THIRD 2          // place of the third byte of a line

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx2", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

typedef uint8_t vector __attribute__((vector_size(WIDTH)));
typedef uint64_t words __attribute__((vector_size(WIDTH)));

/** Returns the sum of the bytes of a word. */
static uint32_t sum_of(uint64_t word)
{
    const uint64_t even = UINT64_C(0x00ff00ff00ff00ff);

    return (uint32_t)(((word & even) + (word >> 8 & even)) * UINT64_C(0x0001000100010001) >> 48);
}

/** Is one of the bits set? @param bytes  by address, because processors pass vectors by value in different ways */
__attribute__((always_inline)) static inline bool has_bits(const vector *bytes)
{
    words all = (words)*bytes;

    return (all[0] | all[1] | all[2] | all[3]) != 0;
}

/** Reports the hits in a vector that begins at `at`. @param found  has a byte of ones for each hit
 *  @return true: take() returned false for the hit that is now at `*at` */
static bool scan_tell(const uint64_t found[WIDTH / 8], size_t *at, scan_take *take, void *context)
{
    for (size_t i = 0; i < WIDTH / 8; i++) {
        for (uint64_t word = le64toh(found[i]); word != 0;) {
            size_t byte = (size_t)__builtin_ctzll(word) / 8;
            size_t hit = *at + 8 * i + byte;
            if (!take(context, hit)) {
                *at = hit;
                return true;
            }
            word &= ~(UINT64_C(0xff) << 8 * byte);
        }
    }
    return false;
}

/** What begins a line that may matter: a first and a third letter, each in a whole vector. */
struct sought {
    vector first[2], third[2];
};

__attribute__((always_inline)) static inline void scan_seek(struct sought *sought, const struct scan *scan)
{
    for (int i = 0; i < 2; i++) {
        sought->first[i] = (vector){0} + (uint8_t)scan->letters[i];
        sought->third[i] = (vector){0} + (uint8_t)scan->thirds[i];
    }
}

/** Passes over at most MOST_VECTORS vectors. @return true: take() returned false */
FOR_EACH_PROCESSOR static bool look(struct scan *scan, const char *bytes, size_t vectors, scan_take *take,
                                    void *context)
{
    const vector feed = (vector){0} + (uint8_t)'\n', carriage = (vector){0} + (uint8_t)'\r';
    const vector places = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                           16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};
    vector counts = {0}, untidy = {0};
    struct sought sought;
    size_t at = scan->at, end = at + vectors * WIDTH;
    bool is_stopped = false;

    scan_seek(&sought, scan);
    for (size_t step = WIDTH; at < end; at += step) {
        vector before, here, third, feeds, hits;
        memcpy(&before, bytes + at - 1, sizeof before);
        memcpy(&here, bytes + at, sizeof here);
        memcpy(&third, bytes + at + THIRD, sizeof third);
        vector folded = here | 0x20;
        third |= 0x20;
        feeds = (vector)(here == feed);
        hits = (vector)(here == carriage);
        hits |= (vector)(folded == sought.first[0]) & (vector)(third == sought.third[0]);
        hits |= (vector)(folded == sought.first[1]) & (vector)(third == sought.third[1]);
        hits &= (vector)(before == feed);
        if (__builtin_expect(has_bits(&hits), 0)) {
            uint64_t found[WIDTH / 8]; // only here, so that it is not written for each vector
            size_t stop = at;
            memcpy(found, &hits, sizeof found);
            is_stopped = scan_tell(found, &stop, take, context);
            if (is_stopped) {
                feeds &= (vector)(places < (uint8_t)(stop - at));
                end = at = stop; // the last turn
                step = 0;
            }
            scan_seek(&sought, scan); // the letters may have changed
        }
        counts -= feeds; // a match is -1
        untidy |= feeds & (vector)(before != carriage);
    }
    words sums = (words)counts;
    scan->lines += sum_of(sums[0]) + sum_of(sums[1]) + sum_of(sums[2]) + sum_of(sums[3]);
    scan->is_untidy = scan->is_untidy || has_bits(&untidy);
    scan->at = at;
    return is_stopped;
}

bool scan_run(struct scan *scan, struct span bytes, scan_take *take, void *context)
{
    while (bytes.length - scan->at >= WIDTH + THIRD) {
        size_t vectors = (bytes.length - scan->at - THIRD) / WIDTH;
        if (look(scan, bytes.bytes, vectors < MOST_VECTORS ? vectors : MOST_VECTORS, take, context))
            return true;
    }
    return scan_plainly(scan, bytes, take, context);
}

/** Goes from `at` to the end of the vector at `last`, or to the first vector in which a line of scan_find() begins. */
FOR_EACH_PROCESSOR static size_t find_vector(const char *bytes, size_t at, size_t last, char first, char third)
{
    for (;; at = at + WIDTH < last ? at + WIDTH : last) {
        vector before, here, other, hits;
        memcpy(&before, bytes + at - 1, sizeof before);
        memcpy(&here, bytes + at, sizeof here);
        memcpy(&other, bytes + at + THIRD, sizeof other);
        hits = (vector)(before == '\n') & (vector)((here | 0x20) == (uint8_t)first) &
               (vector)((other | 0x20) == (uint8_t)third);
        if (__builtin_expect(has_bits(&hits), 0))
            return at;
        if (at == last)
            return at + WIDTH;
    }
}

size_t scan_find(struct span bytes, size_t at, char first, char third)
{
    if (bytes.length > at && bytes.length - at >= WIDTH + THIRD)
        at = find_vector(bytes.bytes, at, bytes.length - WIDTH - THIRD, first, third);
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
