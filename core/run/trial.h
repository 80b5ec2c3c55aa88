// core/run/trial.h: `--try`: what a user's filters make of a capture, without a PBX.  Thread: the main one, alone.
#ifndef RUN_TRIAL_H
#define RUN_TRIAL_H

#include "base/error.h"
#include "config/config.h"

/** Shows on stdout, for each message of the AMI file `capture`, the verdict, the changes and the nanoseconds.
 *  @param expected  a file with what is to be shown, without the nanoseconds; NULL: show it
 *  @return 0; 1 if something is wrong (said on stderr) or differs from `expected` */
int try_capture(const struct config *config, const char *user, const char *capture, const char *expected);
/** Runs the tests that the configuration's filters bring along (amp.test). @return false with `err` */
bool try_tests(const struct config *config, struct error *err);

#endif
