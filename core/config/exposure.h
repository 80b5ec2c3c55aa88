// core/config/exposure.h: files with secrets that more users than necessary can read: allowed, but warned about.
// Thread: the one that loads the configuration.
#ifndef CONFIG_EXPOSURE_H
#define CONFIG_EXPOSURE_H

#include "config/source.h"

/** A file that contains a secret or a hash of one. */
struct exposure {
    char *path;
    unsigned mode, group;
};

struct exposures {
    struct exposure *items;
    size_t count;
};

/** Notes a file if anybody but its owner may read it. */
void exposures_add(struct exposures *exposures, const struct source *source);
/** Warns about files that others can read, or a group that is neither root's nor the proxy's own.
 *  @param user, group  that the process switches to; NULL: it does not switch */
void exposures_warn(const struct exposures *exposures, const char *user, const char *group);
void exposures_free(struct exposures *exposures);

#endif
