// core/ami/scan.h: one pass over bytes of lines, many bytes at a time, which tells of the few lines that matter.
// Written with the compiler's vector types, so that it uses the instructions of each processor; scan_plainly() does the
// same byte by byte, for tests.  For ami/ only.  Thread: any.
#ifndef AMI_SCAN_H
#define AMI_SCAN_H

#include "base/span.h"

/** A pass. The byte in front of `at` must be there; all else is zero at first. */
struct scan {
    size_t at;       // the first byte that was not looked at
    uint32_t lines;  // LFs in front of `at`
    bool is_untidy;  // one of them had no CR before it
    char letters[2]; // lower case
};

/** A line begins at `at` with CR or one of the letters, in either case. @return go on? */
typedef bool scan_take(void *context, size_t at);

/** Goes on to the end of `bytes`, or until `take` says to stop: then `at` is at that line, which the next call tells of
 *  again. `take` may change the letters; lines soon behind may still be told by the old ones. @return did it say so? */
bool scan_run(struct scan *scan, struct span bytes, scan_take *take, void *context);
/** The same. */
bool scan_plainly(struct scan *scan, struct span bytes, scan_take *take, void *context);

#endif
