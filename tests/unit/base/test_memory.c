// tests/unit/base/test_memory.c: sizes of nothing, copies, and what happens when there is no memory.
#include "base/memory.h"
#include "unit/test.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void nothing_is_a_block(void **state)
{
    (void)state;
    char *block = memory_new(0);
    block = memory_grow(block, 0);
    block[0] = 'x';
    free(block);
    block = memory_zero(0, 8);
    assert_int_equal(block[0], 0);
    free(block);
}

static void copies_texts(void **state)
{
    (void)state;
    assert_null(memory_text(NULL));
    char *text = memory_text("dave");
    assert_string_equal(text, "dave");
    free(text);
    text = memory_text_of("a\0b", 3);
    assert_memory_equal(text, "a\0b", 4);
    free(text);
    text = memory_text_of(NULL, 0);
    assert_string_equal(text, "");
    free(text);
}

/** What is expected need not be there. */
static void test_i15_expects_anything(void **state)
{
    (void)state;
    char *block = memory_new(1);
    memory_expect(NULL, 4);
    memory_expect(block, 4);
    memory_expect(block + 1, 1);
    free(block);
}

static void ends_the_program(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    setenv("ASAN_OPTIONS", "allocator_may_return_null=1", 1);
    setenv("TSAN_OPTIONS", "allocator_may_return_null=1", 1);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        execl("/proc/self/exe", "test_memory", "exhaust", (char *)NULL); // anew, so that the options above are read
        _exit(1);
    }
    close(ends[1]);
    char output[8192] = "";
    size_t used = 0;
    ssize_t count;
    while ((count = read(ends[0], output + used, sizeof output - 1 - used)) > 0)
        used += (size_t)count;
    close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 70);
    assert_non_null(strstr(output, "astmanproxy: out of memory ("));
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "exhaust") == 0) {
        volatile size_t absurd = (size_t)PTRDIFF_MAX / 2;
        free(memory_new(absurd));
        return EXIT_FAILURE;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_a_block),
        cmocka_unit_test(copies_texts),
        cmocka_unit_test(test_i15_expects_anything),
        cmocka_unit_test(ends_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
