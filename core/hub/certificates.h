// core/hub/certificates.h: until when the certificates of a configuration are valid: who must act is told in the log,
// and the metrics have the time.  Thread: the hub's.
#ifndef HUB_CERTIFICATES_H
#define HUB_CERTIFICATES_H

#include "base/metrics.h"
#include "config/config.h"

#define CERTIFICATES_WARN_DAYS 30

/** Reads the certificates that `config` names and makes their times those of the metrics. Warns of each that has ended
 *  or ends within CERTIFICATES_WARN_DAYS. */
void certificates_look(const struct config *config, struct metrics *metrics);

#endif
