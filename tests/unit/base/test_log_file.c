// tests/unit/base/test_log_file.c: lines for a descriptor that has no room, or room for a part of a line.
#include "base/log_file.h"

#include "unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/** A pipe that takes a few bytes only, as a disk that is almost full. */
struct scene {
    struct log_file file;
    int ends[2];
    char read[1 << 17];
    size_t length;
};

static struct scene scene;

static int open_scene(void **state)
{
    (void)state;
    memset(&scene, 0, sizeof scene);
    pthread_mutex_init(&scene.file.lock, NULL);
    assert_int_equal(pipe2(scene.ends, O_NONBLOCK), 0);
    return 0;
}

static int close_scene(void **state)
{
    (void)state;
    close(scene.ends[0]);
    close(scene.ends[1]);
    pthread_mutex_destroy(&scene.file.lock);
    return 0;
}

/** Fills the pipe. */
static void fill(void)
{
    static char bytes[4096];

    memset(bytes, '#', sizeof bytes);
    while (write(scene.ends[1], bytes, sizeof bytes) > 0)
        continue;
    while (write(scene.ends[1], bytes, 1) > 0)
        continue;
}

/** Reads `most` bytes, without what fill() wrote. */
static void drain(size_t most)
{
    char bytes[4096];

    while (most > 0) {
        ssize_t count = read(scene.ends[0], bytes, most < sizeof bytes ? most : sizeof bytes);
        if (count <= 0)
            break;
        most -= (size_t)count;
        for (ssize_t i = 0; i < count; i++) {
            if (bytes[i] != '#')
                scene.read[scene.length++] = bytes[i];
        }
    }
    scene.read[scene.length] = '\0';
}

static size_t notice(char text[LOG_FILE_LINE], uint64_t lost)
{
    return (size_t)snprintf(text, LOG_FILE_LINE, "lost=%u\n", (unsigned)lost);
}

static bool put(const char *line)
{
    return log_file_write(&scene.file, scene.ends[1], line, strlen(line), notice);
}

static void test_lost_lines_are_told_in_their_place(void **state)
{
    (void)state;
    assert_true(put("one\n"));
    fill();
    assert_false(put("two\n"));
    assert_false(put("three\n"));
    drain(SIZE_MAX);
    assert_true(put("four\n"));
    drain(SIZE_MAX);
    assert_string_equal(scene.read, "one\nlost=2\nfour\n");
}

static void test_lost_lines_are_told_without_another_line(void **state)
{
    (void)state;
    fill();
    assert_false(put("two\n"));
    log_file_tell(&scene.file, scene.ends[1], notice); // no room yet
    drain(SIZE_MAX);
    log_file_tell(&scene.file, scene.ends[1], notice);
    log_file_tell(&scene.file, scene.ends[1], notice); // once
    drain(SIZE_MAX);
    assert_string_equal(scene.read, "lost=1\n");
}

static void test_a_line_that_was_begun_is_completed_first(void **state)
{
    char longer[LOG_FILE_LINE]; // more than PIPE_BUF, so that a part of it is written

    (void)state;
    (void)fcntl(scene.ends[1], F_SETPIPE_SZ, 4096);
    assert_true(write(scene.ends[1], "####", 4) == 4);
    memset(longer, 'b', sizeof longer);
    longer[sizeof longer - 1] = '\n';
    assert_true(log_file_write(&scene.file, scene.ends[1], longer, sizeof longer, notice));
    assert_true(scene.file.rest_length > 0);
    assert_false(put("lost\n"));
    drain(SIZE_MAX);
    log_file_tell(&scene.file, scene.ends[1], notice); // the rest fills the pipe
    drain(SIZE_MAX);
    assert_true(put("next\n"));
    drain(SIZE_MAX);
    assert_memory_equal(scene.read, longer, sizeof longer);
    assert_memory_equal(scene.read + sizeof longer, "lost=1\nnext\n", 12);
}

static void test_the_rest_of_a_line_does_not_go_to_another_file(void **state)
{
    char longer[LOG_FILE_LINE];

    (void)state;
    memset(longer, 'b', sizeof longer);
    longer[sizeof longer - 1] = '\n';
    (void)fcntl(scene.ends[1], F_SETPIPE_SZ, 4096);
    assert_true(log_file_write(&scene.file, scene.ends[1], longer, sizeof longer, notice));
    assert_true(scene.file.rest_length > 0);
    log_file_move(&scene.file);
    drain(SIZE_MAX);
    scene.length = 0;
    assert_true(put("next\n"));
    drain(SIZE_MAX);
    assert_string_equal(scene.read, "next\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_lost_lines_are_told_in_their_place),
        TEST(test_lost_lines_are_told_without_another_line),
        TEST(test_a_line_that_was_begun_is_completed_first),
        TEST(test_the_rest_of_a_line_does_not_go_to_another_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
