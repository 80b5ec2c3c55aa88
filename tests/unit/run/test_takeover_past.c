// tests/unit/run/test_takeover_past.c: a file passes from one process to another, or word that there is none.
#include "run/takeover_past.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void test_a_file_passes(void **state)
{
    int ends[2], file = memfd_create("file", MFD_CLOEXEC), taken = -1;
    char text[4] = "";
    (void)state;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_false(takeover_past_receive(ends[1], &taken)); // nothing yet
    assert_int_equal(write(file, "abc", 3), 3);
    assert_true(takeover_past_send(ends[0], file));
    close(file);
    assert_true(takeover_past_receive(ends[1], &taken));
    assert_int_equal(pread(taken, text, 3, 0), 3);
    assert_string_equal(text, "abc");
    close(taken);
    close(ends[0]);
    close(ends[1]);
}

static void test_there_is_none(void **state)
{
    int ends[2], taken = 0;
    (void)state;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_true(takeover_past_send(ends[0], -1));
    assert_true(takeover_past_receive(ends[1], &taken));
    assert_int_equal(taken, -1);
    close(ends[0]); // the other process is gone
    assert_true(takeover_past_receive(ends[1], &taken));
    assert_int_equal(taken, -1);
    assert_false(takeover_past_send(ends[1], -1));
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_file_passes),
        cmocka_unit_test(test_there_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
