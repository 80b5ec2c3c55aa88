// tests/unit/base/test_log.c: the shape of lines, what is escaped, rotation, and many threads at once.
#include "base/log.h"
#include "unit/test.h"

#include <fcntl.h>
#include <pthread.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/test_log_XXXXXX";
static char path[64];
static char moved[64];

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/log", folder);
    snprintf(moved, sizeof moved, "%s/log.1", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    log_open("stderr", LOG_LEVEL_INFO, NULL);
    unlink(path);
    unlink(moved);
    return rmdir(folder);
}

static int start_file(void **state)
{
    (void)state;
    unlink(path);
    unlink(moved);
    return log_open(path, LOG_LEVEL_INFO, NULL) ? 0 : -1;
}

/** All of a file, on the heap. */
static char *content_of(const char *name)
{
    FILE *file = fopen(name, "rb");
    assert_non_null(file);
    struct stat status;
    assert_int_equal(fstat(fileno(file), &status), 0);
    char *text = calloc(1, (size_t)status.st_size + 1);
    assert_int_equal(fread(text, 1, (size_t)status.st_size, file), status.st_size);
    fclose(file);
    return text;
}

static void assert_content_matches(const char *name, const char *pattern)
{
    char *text = content_of(name);
    regex_t regex;
    assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
    if (regexec(&regex, text, 0, NULL, 0) != 0)
        fail_msg("%s has: %s", name, text);
    regfree(&regex);
    free(text);
}

#define STAMP "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z "

static void a_line_has_time_level_and_context(void **state)
{
    (void)state;
    struct log_context context = {"session=17 user=dave"};
    log_warn(&context, "slow client backlog_bytes=%d", 8);
    log_error(NULL, "gone");
    assert_content_matches(path,
                           "^" STAMP "warn session=17 user=dave slow client backlog_bytes=8\n" STAMP "error gone\n$");
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0137, 0);
}

static int evaluated(int *count)
{
    return ++*count;
}

static void silent_levels_evaluate_nothing(void **state)
{
    (void)state;
    int count = 0;
    log_debug(NULL, "%d", evaluated(&count));
    assert_int_equal(count, 0);
    log_set_level(LOG_LEVEL_DEBUG);
    assert_true(log_enabled(LOG_LEVEL_DEBUG));
    assert_false(log_enabled(LOG_LEVEL_TRACE));
    log_debug(NULL, "%d", evaluated(&count));
    assert_int_equal(count, 1);
    assert_content_matches(path, "^" STAMP "debug 1\n$");
}

static void control_bytes_cannot_make_lines(void **state)
{
    (void)state;
    log_info(NULL, "user=%s", "a\r\nforged\x1b[31m\x7f");
    assert_content_matches(path, "^" STAMP "info user=a\\\\x0d\\\\x0aforged\\\\x1b\\[31m\\\\x7f\n$");
}

static void long_lines_are_cut_and_end(void **state)
{
    (void)state;
    log_info(NULL, "%9000s", "x");
    log_info(NULL, "next");
    char *text = content_of(path);
    assert_true(strlen(text) < 4096 + 64);
    assert_non_null(strstr(text, " info next\n"));
    free(text);
}

static void rotation_goes_on_in_a_new_file(void **state)
{
    (void)state;
    log_info(NULL, "before");
    assert_int_equal(rename(path, moved), 0);
    log_info(NULL, "between");
    assert_true(log_reopen(NULL));
    log_info(NULL, "after");
    assert_content_matches(moved, "info before\n" STAMP "info between\n$");
    assert_content_matches(path, "^" STAMP "info after\n$");
}

static void a_bad_path_keeps_the_old_target(void **state)
{
    (void)state;
    struct error err;
    assert_false(log_open("/nowhere/at/all", LOG_LEVEL_TRACE, &err));
    assert_string_equal(err.text, "log /nowhere/at/all: No such file or directory");
    log_info(NULL, "still here");
    log_debug(NULL, "and the old level");
    assert_content_matches(path, "^" STAMP "info still here\n$");
}

static void a_pipe_that_nobody_reads_does_not_hold_up_the_program(void **state)
{
    (void)state;
    struct error err = {""};
    assert_int_equal(mkfifo(moved, 0600), 0);
    alarm(10);
    assert_false(log_open(moved, LOG_LEVEL_INFO, &err));
    assert_string_equal(strrchr(err.text, ':'), ": No such device or address (a pipe that nobody reads?)");
    int reader = open(moved, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(log_open(moved, LOG_LEVEL_INFO, &err));
    for (int i = 0; i < 200; i++)
        log_error(NULL, "%d %1000s", i, "");
    alarm(0);
    char line[64] = "", rest[4096];
    assert_true(log_lost() > 0);
    assert_int_equal(read(reader, line, 40), 40);
    assert_non_null(strstr(line, "Z error 0 "));
    while (read(reader, rest, sizeof rest) > 0)
        continue;
    log_tick(); // tells the reader how many are lost
    close(reader);
}

static void *write_many(void *context)
{
    for (int i = 0; i < 500; i++)
        log_info(context, "number=%d", i);
    return NULL;
}

static void threads_never_mix_lines(void **state)
{
    (void)state;
    pthread_t threads[4];
    struct log_context context = {"session=1"};
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_many, &context), 0);
    for (int i = 0; i < 50; i++)
        assert_true(log_reopen(NULL));
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    char *text = content_of(path);
    int lines = 0;
    for (char *line = text; *line != '\0'; lines++) {
        char *end = strchr(line, '\n');
        assert_non_null(end);
        int number = -1, used = 0;
        assert_int_equal(sscanf(line, "%*24s info session=1 number=%d%n", &number, &used), 1);
        assert_ptr_equal(line + used, end);
        line = end + 1;
    }
    free(text);
    assert_int_equal(lines, 2000);
}

static void the_journal_gets_priorities(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        char stream[64];
        struct stat status;
        int fd = open(path, O_WRONLY | O_TRUNC);
        dup2(fd, STDERR_FILENO);
        fstat(STDERR_FILENO, &status);
        snprintf(stream, sizeof stream, "%llu:%llu", (unsigned long long)status.st_dev,
                 (unsigned long long)status.st_ino);
        setenv("JOURNAL_STREAM", stream, 1);
        log_open("stderr", LOG_LEVEL_INFO, NULL);
        log_warn(NULL, "late");
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_content_matches(path, "^<4>warn late\n$");
}

static void quotes_what_peers_send(void **state)
{
    (void)state;
    char buffer[64];
    static const char bytes[] = "a\"b\\c\r\n\t\x01\xff";
    assert_string_equal(log_quote(buffer, sizeof buffer, (struct span){bytes, sizeof bytes}),
                        "\"a\\\"b\\\\c\\r\\n\\t\\x01\\xff\\x00\"");
    assert_string_equal(log_quote(buffer, sizeof buffer, (struct span){NULL, 0}), "\"\"");
}

static void quoting_fits_every_size(void **state)
{
    (void)state;
    const char *text = "ab\x01\"cdefgh\nijkl";
    for (size_t size = 8; size < 40; size++) {
        char *buffer = malloc(size); // exact, so that the sanitizer sees a byte too many
        log_quote(buffer, size, span_of(text));
        size_t length = strlen(buffer);
        assert_true(length < size && length >= 2 && buffer[0] == '"' && buffer[length - 1] == '"');
        bool whole = strcmp(buffer, "\"ab\\x01\\\"cdefgh\\nijkl\"") == 0;
        assert_true(whole || strstr(buffer, "…\"") != NULL);
        free(buffer);
    }
    char exact[9];
    assert_string_equal(log_quote(exact, sizeof exact, span_of("abcdef")), "\"abcdef\"");
    assert_string_equal(log_quote(exact, sizeof exact, span_of("abcdefg")), "\"abc…\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_line_has_time_level_and_context, start_file),
        cmocka_unit_test_setup(silent_levels_evaluate_nothing, start_file),
        cmocka_unit_test_setup(control_bytes_cannot_make_lines, start_file),
        cmocka_unit_test_setup(long_lines_are_cut_and_end, start_file),
        cmocka_unit_test_setup(rotation_goes_on_in_a_new_file, start_file),
        cmocka_unit_test_setup(a_bad_path_keeps_the_old_target, start_file),
        cmocka_unit_test_setup(a_pipe_that_nobody_reads_does_not_hold_up_the_program, start_file),
        cmocka_unit_test_setup(threads_never_mix_lines, start_file),
        cmocka_unit_test_setup(the_journal_gets_priorities, start_file),
        cmocka_unit_test(quotes_what_peers_send),
        cmocka_unit_test(quoting_fits_every_size),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
