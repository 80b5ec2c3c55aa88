// tests/unit/ami/test_vocabulary.c: the names that Asterisk is known to send.
#include "ami/vocabulary.h"

#include <ctype.h>
#include <strings.h>

#include "unit/test.h"

static void test_vocabulary(void **state)
{
    (void)state;
    assert_true(vocabulary_count() > 250);
    for (size_t i = 0; i < vocabulary_count(); i++) {
        const char *name = vocabulary_at(i);
        char upper[80];
        if (i > 0 && strcasecmp(vocabulary_at(i - 1), name) >= 0)
            fail_msg("%s is out of order", name);
        for (size_t k = 0; k <= strlen(name); k++)
            upper[k] = (char)toupper((unsigned char)name[k]);
        assert_string_equal(vocabulary_event(span_of(name)), name);
        assert_string_equal(vocabulary_event(span_of(upper)), name);
    }
    assert_null(vocabulary_event(span_of("")));
    assert_null(vocabulary_event(span_of("Hangu")));
    assert_null(vocabulary_event(span_of("Hangups")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vocabulary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
