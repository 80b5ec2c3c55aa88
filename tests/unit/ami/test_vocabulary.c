// tests/unit/ami/test_vocabulary.c: the names that Asterisk is known to send.
#include "ami/vocabulary.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
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

/** Every name in a line of core/ami/events.tsv: the event, and its headers (its seventh column). */
static int count_unknown(char *line)
{
    char *rest = line, *name = strsep(&rest, "\t"), *column = NULL;
    int unknown = 0;

    if (vocabulary_event(span_of(name)) == NULL || strcmp(vocabulary_event(span_of(name)), name) != 0) {
        print_message("event %s\n", name);
        unknown++;
    }
    for (int i = 1; i < 7 && rest != NULL; i++)
        column = strsep(&rest, "\t");
    for (char *header; (header = strsep(&column, " ")) != NULL;) {
        if (strcmp(header, "-") != 0 && !vocabulary_has_header(span_of(header))) {
            print_message("header %s of %s\n", header, name);
            unknown++;
        }
    }
    return unknown;
}

static void test_all_that_asterisk_documents(void **state)
{
    FILE *file = fopen(AMP_SOURCE "/core/ami/events.tsv", "r");
    char *line = NULL;
    size_t size = 0;
    int unknown = 0, events = 0;

    (void)state;
    assert_non_null(file);
    for (ssize_t length; (length = getline(&line, &size, file)) > 0;) {
        line[length - 1] = '\0';
        if (line[0] == '#' || strncmp(line, "name\t", 5) == 0)
            continue;
        unknown += count_unknown(line);
        events++;
    }
    free(line);
    fclose(file);
    assert_int_equal(unknown, 0);
    assert_true(events > 180);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vocabulary),
        cmocka_unit_test(test_all_that_asterisk_documents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
