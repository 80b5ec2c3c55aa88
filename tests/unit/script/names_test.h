// tests/unit/script/names_test.h: filters that name something, tried with every spelling of the name.
#ifndef UNIT_SCRIPT_NAMES_TEST_H
#define UNIT_SCRIPT_NAMES_TEST_H

#include "unit/script/script_test.h"

/** Returns the filter's verdict on a message of this text. */
typedef enum script_verdict judge_text(struct one *one, const char *text);

/** Checks that each of the filters (NULL ends the list) refuses each of the spellings, put into `format`, and does not
 *  fail with `other`. */
static inline void refuse_every_spelling(const char *const *filters, const char *const *spellings, const char *format,
                                         const char *other, judge_text *judge)
{
    for (; *filters != NULL; filters++) {
        struct one one;
        struct error err;
        one_begin(&one);
        if (!one_load(&one, *filters, &err))
            fail_msg("%s", err.text);
        for (const char *const *spelling = spellings; *spelling != NULL; spelling++) {
            char text[128];
            (void)snprintf(text, sizeof text, format, *spelling);
            if (judge(&one, text) != SCRIPT_DROP)
                fail_msg("%s lets '%s' pass", *filters, *spelling);
        }
        assert_int_equal(judge(&one, other), SCRIPT_PASS);
        one_end(&one);
    }
}

#endif
