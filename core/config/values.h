// core/config/values.h: numbers, durations and sizes as the configuration writes them. Thread: any; pure.
#ifndef CONFIG_VALUES_H
#define CONFIG_VALUES_H

#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A decimal number without sign or leading zeros. @return false if it is none or does not fit */
bool value_number(struct span text, uint64_t *number);
/** A number with ms, s, m or h. @return false if it is none, lacks the unit or does not fit */
bool value_duration(struct span text, uint64_t *milliseconds);
/** A number with B, KiB, MiB or GiB. @return false as above */
bool value_size(struct span text, uint64_t *bytes);
/** Writes a duration or a size with the largest unit that divides it. @return `buffer` */
const char *value_duration_text(uint64_t milliseconds, char *buffer, size_t size);
const char *value_size_text(uint64_t bytes, char *buffer, size_t size);
/** Has the text a byte that would break or forge a line (below 0x20, or 0x7f)? */
bool value_has_control(struct span text);

#endif
