// core/ami/scan.h: one pass over bytes of lines, many bytes at a time, which reports the few lines that matter.
// Written with the compiler's vector types, so that it uses the instructions of each processor; scan_plainly() does the
// same byte by byte, for tests.  For ami/ only.  Thread: any.
#ifndef AMI_SCAN_H
#define AMI_SCAN_H

#include "base/span.h"

/** State of a pass. At first all is zero but `at` and the letters; the byte before `at` must exist. */
struct scan {
    size_t at;       // the first byte that was not looked at
    uint32_t lines;  // LFs in front of `at`
    bool is_untidy;  // one of them had no CR before it
    char letters[2]; // lower case: the first letters of names
    char thirds[2];  // lower case: the third letters of the same names
};

/** Handles the line at `at`: it begins with CR, or (in either case) with one of the letters, and its third byte, if
 * there is one yet, is the one that belongs to that letter. @return true: the pass continues */
typedef bool scan_take(void *context, size_t at);

/** Passes on to the end of `bytes`, or until `take` returns false: then `at` is that line, which the next call reports
 *  again. `take` may change letters and thirds; the next few lines may still be reported by the old ones.
 *  @return true: `take` returned false */
bool scan_run(struct scan *scan, struct span bytes, scan_take *take, void *context);
/** Does the same, byte by byte. */
bool scan_plainly(struct scan *scan, struct span bytes, scan_take *take, void *context);

/** Returns the first line from `at` (> 0) on that begins with the letter `first` and has `third` in its third place,
 *  both lower case, for either case; the end of `bytes`: there is none. */
size_t scan_find(struct span bytes, size_t at, char first, char third);

#endif
