// core/plugin/error_codes.h: the stable codes of the texts by which the proxy refuses something. Programs decide by the
// code, people read the text. Every text has its row, in the manual, too (astmanproxy(8), ERROR CODES); `tests/
// check_error_codes.py` compares sources, table and manual.  Thread: any; a constant table.
#ifndef PLUGIN_ERROR_CODES_H
#define PLUGIN_ERROR_CODES_H

#include <astmanproxy/plugin.h>

#include "base/span.h"

struct error_code {
    const char *code;       // lower case letters, digits and `-`; rows of the same code follow each other
    const char *text;       // `*`: any bytes
    enum amp_reason reason; // only with this reason; AMP_REASON_NONE: with any
};

/** Returns the code of an Error. A text that is in no row comes from a script or plugin of the user, and has the code
 * of its reason. @return static text, never NULL */
const char *error_code_find(struct span text, enum amp_reason reason);
/** Return the number of rows, and row `index`, in the order of the manual. */
size_t error_code_count(void);
const struct error_code *error_code_at(size_t index);

#endif
