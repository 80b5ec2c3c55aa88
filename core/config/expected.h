// core/config/expected.h: the words for what a key takes and for what was found instead. Thread: any; pure.
#ifndef CONFIG_EXPECTED_H
#define CONFIG_EXPECTED_H

#include "config/settings.h"

/** Writes what `row` takes: `a duration from 1s to 1h (units ms, s, m, h)`. @return `buffer` */
const char *expected_text(const struct setting *row, char *buffer, size_t size);
/** Writes the keys of a table that this version acts on: `one of address, port`. @return `buffer` */
const char *expected_keys(const struct setting *rows, char *buffer, size_t size);
/** Writes an unknown key, quoted, and the key of the table that was probably meant. @return `buffer` */
const char *expected_unknown(const struct setting *rows, const char *key, char *buffer, size_t size);
/** Writes what stands at `node`, quoted and escaped; not the text if it is a secret or stands where none belongs.
 *  @return `buffer` */
const char *expected_found(const struct setting *row, const struct yaml_node *node, char *buffer, size_t size);

#endif
