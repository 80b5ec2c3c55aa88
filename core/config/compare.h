// core/config/compare.h: what of a new configuration does not come into force while the program runs.
// Thread: the one that loads.
#ifndef CONFIG_COMPARE_H
#define CONFIG_COMPARE_H

#include "config/config.h"

/** The settings of `fresh`, whose sections are still there, that need a restart and are not as in `running`: a line
 *  each, `FILE:LINE: workers changed from 2 to 4: needs a restart`. @return the caller frees it; NULL: there is none */
char *config_compare(const struct config *running, const struct config *fresh);
/** Notes what the plugins' sections say, before the text of the file is forgotten. */
void config_note_sections(struct config *config);
/** The listener of `fresh` with address and port of `old->listen[index]`; SIZE_MAX: there is none. Of several that are
 *  the same (any free port) the first is the first, and so on. */
size_t config_same_listen(const struct config *old, size_t index, const struct config *fresh);

#endif
