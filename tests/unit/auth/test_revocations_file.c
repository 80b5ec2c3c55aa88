// tests/unit/auth/test_revocations_file.c: the file of revoked tokens says what was written, or is refused as a whole.
#include "auth/revocations_file.h"

#include "auth/revocations.h"

#include "unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool parses(const char *text)
{
    struct revocations_set set;
    struct error err = {""};

    revocations_set_init(&set);
    bool fine = revocations_parse(span_of(text), &set, &err);
    assert_true(fine == (err.text[0] == '\0'));
    revocations_set_fini(&set);
    return fine;
}

static void test_whole_and_damaged(void **state)
{
    static const char *const wrong[] = {"1 2 a bill\n",
                                        "1 2 a bill\nend 2\n",
                                        "1 2 a bill\nend 1\n1 2 b bill\n",
                                        "1 2 a bill\nend 1",
                                        "x 2 a bill\nend 1\n",
                                        "1 2 a b bill\nend x\n",
                                        "1 2 a  \xff\nend 2\n",
                                        "1 2 a\nend 1\n",
                                        "1 2 / bill\nend 1\n",
                                        "1 2 a bill"};
    (void)state;

    assert_true(parses("") && parses("# empty\n") && parses("end 0\n"));
    assert_true(parses("# x\n1 2 a bill\n3 4 * dave of sales\nend 2\n"));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(parses(wrong[i]));
}

static void test_written_and_read(void **state)
{
    char folder[] = "/tmp/amp-revoked-XXXXXX", path[64], lock[80];
    struct revocations_set set, read;
    struct error err = {""};
    bool changed = true;
    (void)state;

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/revoked", folder);
    snprintf(lock, sizeof lock, "%s.lock", path);
    revocations_set_init(&set);
    revocations_set_init(&read);
    assert_true(revocations_set_add(&set, span_of("dave of sales"), span_of("a"), 5, 100));
    assert_true(revocations_set_add(&set, span_of("dave of sales"), span_of("a"), 3, 200)); // wider, never narrower
    assert_true(revocations_set_add(&set, span_of("bill"), span_of("old"), 3, 49));
    int fd = revocations_lock(path, 0, &err);
    assert_true(fd != -1);
    assert_int_equal(revocations_lock(path, 30, &err), -1); // as another process would
    assert_non_null(strstr(err.text, "another process holds the lock"));
    assert_true(revocations_write(path, &set, 50, &err));
    close(fd);
    assert_true(revocations_read(path, &read, &err));
    const struct revoked *found = revocations_set_find(&read, span_of("dave of sales"), span_of("a"));
    assert_non_null(found);
    assert_true(found->made_us == 5 && found->until_s == 200);
    assert_null(revocations_set_find(&read, span_of("bill"), span_of("old"))); // its time is over
    assert_true(revocations_set_merge(&set, &read, &changed));
    assert_false(changed);
    assert_false(revocations_write("/nonexistent/x", &set, 50, &err));
    assert_false(revocations_read("/nonexistent/x", &read, &err) || revocations_read("/", &read, &err));
    assert_true(unlink(path) == 0 && unlink(lock) == 0 && rmdir(folder) == 0);
    revocations_set_fini(&set);
    revocations_set_fini(&read);
}

/** What has no room is told: a revocation that was dropped would be a token that is accepted again. */
static void test_merge_without_room(void **state)
{
    struct revocations_set set, more;
    char label[16];
    bool changed;
    (void)state;

    revocations_set_init(&set);
    revocations_set_init(&more);
    for (int i = 0; i < REVOCATIONS_MOST; i++) {
        snprintf(label, sizeof label, "l%d", i);
        assert_true(revocations_set_add(&set, span_of("bill"), span_of(label), 1, 1));
    }
    assert_true(revocations_set_add(&more, span_of("bill"), span_of("l7"), 2, 1));
    assert_true(revocations_set_merge(&set, &more, &changed) && changed);
    assert_true(revocations_set_add(&more, span_of("bill"), span_of("new"), 2, 1));
    assert_false(revocations_set_merge(&set, &more, &changed));
    assert_false(changed);
    revocations_set_fini(&set);
    revocations_set_fini(&more);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_and_damaged),
        cmocka_unit_test(test_written_and_read),
        cmocka_unit_test(test_merge_without_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
