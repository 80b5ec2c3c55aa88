// mask.h: event and action classes, and the texts that name them. Pure functions.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CLASS_SYSTEM = 1 << 0,
    CLASS_CALL = 1 << 1,
    CLASS_COMMAND = 1 << 4,
    CLASS_AGENT = 1 << 5,
    CLASS_USER = 1 << 6,
    CLASS_CONFIG = 1 << 7,
    CLASS_REPORTING = 1 << 9,
    CLASS_CDR = 1 << 10,
    CLASS_DIALPLAN = 1 << 11,
    CLASS_ORIGINATE = 1 << 12,
    CLASS_SECURITY = 1 << 18,
    CLASS_ALL = INT32_MAX,
};

/** Reads a list of class names with the matching rules of Asterisk: every token but the last matches as a prefix. */
uint32_t mask_from_names(const char *names);

/** Reads an event mask. @return false for one that Asterisk calls invalid; `mask` is unchanged then. */
bool mask_parse(const char *value, uint32_t *mask);

/** Writes what stands behind `Privilege:`, as `call,all` or `<none>`. @param limit size of `out`, at least 160 */
void mask_format(uint32_t mask, char *out, size_t limit);

/** Is `value` one of the words that Asterisk takes for true (yes, true, y, t, 1, on)? NULL is not. */
bool mask_is_true(const char *value);
