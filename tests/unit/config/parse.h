// tests/unit/config/parse.h: loads a configuration from a text in the test, and gets its errors.
#ifndef TESTS_CONFIG_PARSE_H
#define TESTS_CONFIG_PARSE_H

#include "config/load.h"
#include "unit/test.h"

#include <stdio.h>
#include <stdlib.h>

/** Loads a text as the file t.yaml, readable by its owner alone. @param errors  set to what is wrong, or NULL */
static inline struct config *parse(const char *yaml, char **errors)
{
    return config_parse("t.yaml", span_of(yaml), 0600, source_read, errors);
}

/** Loads a text that must be refused, with a report that contains `expected`. */
static inline void expect_error(const char *yaml, const char *expected)
{
    char *errors;
    struct config *config = parse(yaml, &errors);
    if (config != NULL || errors == NULL || strstr(errors, expected) == NULL)
        fail_msg("%s\n--- expected: %s\n--- reported: %s", yaml, expected, errors == NULL ? "(nothing)" : errors);
    free(errors);
}

/** Loads a text that must be valid. The caller unrefs. */
static inline struct config *expect_good(const char *yaml)
{
    char *errors;
    struct config *config = parse(yaml, &errors);
    if (config == NULL)
        fail_msg("%s\n--- reported: %s", yaml, errors);
    return config;
}

#endif
