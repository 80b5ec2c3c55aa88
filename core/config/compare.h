// core/config/compare.h: which changes of a new configuration need a restart.
// Thread: the one that loads.
#ifndef CONFIG_COMPARE_H
#define CONFIG_COMPARE_H

#include "config/config.h"

/** Lists the settings that need a restart and differ between `running` and `fresh`, whose sections are still there: one
 *  line each, `FILE:LINE: workers changed from 2 to 4: needs a restart`. @return the caller frees it; NULL: no
 * difference */
char *config_compare(const struct config *running, const struct config *fresh);
/** Notes a number for the content of each plugin's section, before the text of the file is freed. */
void config_note_sections(struct config *config);
/** The listener of `fresh` with address and port of `old->listen[index]`; SIZE_MAX: there is none. If several are
 *  equal (any free port), the first matches the first, and so on. */
size_t config_same_listen(const struct config *old, size_t index, const struct config *fresh);

#endif
