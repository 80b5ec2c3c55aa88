// tests/unit/base/test_descriptors.c: what is closed of standard input, output and error is opened, and of no use.
#include "base/descriptors.h"

#include "unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static void test_closed_descriptors_are_opened_and_fail(void **state)
{
    int kept[3], next;
    char byte;
    (void)state;

    next = dup(STDERR_FILENO);
    close(next);
    descriptors_open_standard(); // nothing is to be done
    assert_int_equal(dup(STDERR_FILENO), next);
    close(next);
    for (int fd = 0; fd < 3; fd++) {
        kept[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 10);
        close(fd);
    }
    descriptors_open_standard();
    bool are_open = fcntl(0, F_GETFD) != -1 && fcntl(1, F_GETFD) != -1 && fcntl(2, F_GETFD) != -1;
    bool read_fails = read(0, &byte, 1) == -1 && errno == EBADF;
    bool write_fails = write(1, "x", 1) == -1 && errno == EBADF && write(2, "x", 1) == -1;
    for (int fd = 0; fd < 3; fd++) {
        dup2(kept[fd], fd);
        close(kept[fd]);
    }
    assert_true(are_open && read_fails && write_fails);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_closed_descriptors_are_opened_and_fail)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
