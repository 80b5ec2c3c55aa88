// core/run/trial.h: `--try`: shows what a user's filters do with a capture, without a PBX.  Thread: the main one,
// alone.
#ifndef RUN_TRIAL_H
#define RUN_TRIAL_H

#include "base/error.h"
#include "config/config.h"

/** Shows on stdout, for each message of the AMI file `capture`, the verdict, the changes and the nanoseconds.
 *  @param expected  a file with the expected output, without the nanoseconds; NULL: show the output
 *  @return 0; 1 after an error (reported on stderr) or a difference from `expected` */
int try_capture(const struct config *config, const char *user, const char *capture, const char *expected);
/** Runs the tests in the configuration's filters (amp.test). @return false with `err` */
bool try_tests(const struct config *config, struct error *err);

#endif
