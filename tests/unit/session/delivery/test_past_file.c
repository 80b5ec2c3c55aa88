// tests/unit/session/delivery/test_past_file.c: the file of kept feeds: what was written is read; what is not sealed,
// of another version or damaged is refused, whichever byte it is.
#include "session/delivery/past_file.h"

#include "exports/queue.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define EPOCH "0123456789ab"
#define TAG "0123456789abcdef01234567"
#define TEXTS \
    "dave"    \
    "json"    \
    "\rEvent\0" // user, format, a filter
#define BYTES "onetwothree"

static const uint32_t ends[] = {3, 6, 11};

static struct iovec piece(const void *bytes, size_t length)
{
    union {
        const void *lent;
        void *bytes;
    } both = {bytes};

    return (struct iovec){both.bytes, length};
}

static void add_feed(struct past_file *file)
{
    struct past_feed feed = {.tag = TAG,
                             .has_user = 1,
                             .ids = 2,
                             .worker = 3,
                             .user_length = 4,
                             .format_length = 4,
                             .filters_length = 7,
                             .floor = 40,
                             .count = 43};
    struct past_chunk chunk = {.before = 40, .begun_ms = 5, .last_ms = 6, .end_count = 3, .used = sizeof BYTES - 1};
    struct iovec pieces[] = {piece(&feed, sizeof feed), piece(TEXTS, 15), piece(&chunk, sizeof chunk),
                             piece(ends, sizeof ends), piece(BYTES, sizeof BYTES - 1)};
    struct past_record record = {.kind = PAST_FEED, .count = 1};

    for (int i = 0; i < 5; i++)
        record.length += pieces[i].iov_len;
    uint64_t offset = past_file_add(file, &record);
    past_file_write(file, &offset, pieces, 5);
}

static void add_export(struct past_file *file)
{
    struct past_export saved = {.tag = TAG, .name_length = 3, .format_length = 4, .number = 8, .dropped = 1};
    struct export_head first = {
        .number = 8, .queued_ms = 5, .skipped = 3, .length = 3, .server_length = 4, .event_length = 0};
    struct export_head second = {.number = 7, .queued_ms = 5, .length = 2, .server_length = 4, .event_length = 6};
    struct iovec pieces[] = {piece(&saved, sizeof saved), piece("crmjson", 7),           piece(&first, sizeof first),
                             piece("pbx1ONE", 7),         piece(&second, sizeof second), piece("pbx1Hangup{}", 12)};
    struct past_record record = {.kind = PAST_EXPORT, .count = 2};

    for (int i = 0; i < 6; i++)
        record.length += pieces[i].iov_len;
    uint64_t offset = past_file_add(file, &record);
    past_file_write(file, &offset, pieces, 6);
}

static void add_heard(struct past_file *file)
{
    struct past_heard heard[2] = {{.ms = 1}, {.ms = 2}};
    struct past_record record = {.kind = PAST_HEARD, .count = 2, .length = sizeof heard};
    uint64_t offset = past_file_add(file, &record);

    past_file_write(file, &offset, &(struct iovec){heard, sizeof heard}, 1);
}

static void make(struct past_file *file)
{
    struct error err;

    assert_true(past_file_init(file, &err));
    add_feed(file);
    add_export(file);
    add_heard(file);
    assert_true(past_file_finish(file, EPOCH, 4, &err));
}

static void test_what_was_written_is_read(void **state)
{
    struct past_file file;
    struct past_record record;
    struct past_reader reader, inside;
    struct past_feed feed;
    struct error err;
    (void)state;

    make(&file);
    struct past *past = past_open(file.fd, &err);
    past_file_fini(&file);
    assert_non_null(past);
    assert_string_equal(past_head(past)->epoch, EPOCH);
    assert_int_equal(past_head(past)->workers, 4);
    reader = past_begin(past);
    assert_true(past_next(&reader, &record, &inside));
    assert_int_equal(record.kind, PAST_FEED);
    assert_true(past_take(&inside, &feed, sizeof feed));
    assert_string_equal(feed.tag, TAG);
    assert_memory_equal(past_bytes(&inside, 8), "davejson", 8);
    assert_true(past_next(&reader, &record, &inside));
    assert_int_equal(record.kind, PAST_EXPORT);
    assert_int_equal(record.count, 2);
    assert_true(past_next(&reader, &record, &inside));
    assert_int_equal(record.kind, PAST_HEARD);
    assert_int_equal(record.count, 2);
    assert_false(past_next(&reader, &record, &inside));
    past_unref(past);
}

static void test_nothing_can_be_written_afterwards(void **state)
{
    struct past_file file;
    (void)state;

    make(&file);
    assert_int_equal(pwrite(file.fd, "x", 1, 0), -1);
    assert_int_equal(ftruncate(file.fd, 0), -1);
    past_file_fini(&file);
}

/** A sealed copy of the file, of which `length` bytes are left, and byte `at` is another one. */
static int copy(int fd, size_t length, size_t at, unsigned char change)
{
    int made = memfd_create("copy", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    unsigned char bytes[4096];
    ssize_t size = pread(fd, bytes, sizeof bytes, 0);

    assert_true(size > 0 && (size_t)size < sizeof bytes);
    if (at < (size_t)size)
        bytes[at] ^= change;
    assert_int_equal(write(made, bytes, length), length);
    assert_int_equal(fcntl(made, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE), 0);
    return made;
}

/** Reads all that there is, as whoever trusts past_open() does. */
static void read_all(const struct past *past)
{
    struct past_reader reader = past_begin(past), inside;
    struct past_record record;
    unsigned sum = 0;

    while (past_next(&reader, &record, &inside)) {
        const char *bytes = past_bytes(&inside, record.length);
        for (uint64_t i = 0; i < record.length; i++)
            sum += (unsigned char)bytes[i];
    }
    assert_true(sum > 0);
}

static void test_any_byte_may_be_another_one(void **state)
{
    static const unsigned char changes[] = {1, 128, 255};
    struct past_file file;
    struct error err;
    size_t refused = 0;
    (void)state;

    make(&file);
    size_t size = (size_t)atomic_load(&file.end);
    for (size_t at = 0; at < size; at++) {
        for (size_t i = 0; i < sizeof changes; i++) {
            int fd = copy(file.fd, size, at, changes[i]);
            struct past *past = past_open(fd, &err);
            close(fd);
            if (past != NULL)
                read_all(past);
            refused += past == NULL;
            past_unref(past);
        }
    }
    assert_true(refused > size); // a third at least: lengths, numbers, versions, tags
    past_file_fini(&file);
}

static void test_every_length_but_its_own_is_refused(void **state)
{
    struct past_file file;
    struct error err;
    (void)state;

    make(&file);
    for (size_t length = 1; length < atomic_load(&file.end); length++) {
        int fd = copy(file.fd, length, SIZE_MAX, 0);
        assert_null(past_open(fd, &err));
        close(fd);
    }
    past_file_fini(&file);
}

static void test_reasons_are_told(void **state)
{
    struct past_file file;
    struct error err;
    int fd;
    (void)state;

    make(&file);
    fd = copy(file.fd, atomic_load(&file.end), offsetof(struct past_head, version), 2);
    assert_null(past_open(fd, &err));
    assert_string_equal(err.text, "its version is 3, expected 1");
    close(fd);
    fd = memfd_create("open", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    assert_null(past_open(fd, &err));
    assert_string_equal(err.text, "it is not sealed");
    close(fd);
    past_file_fini(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_written_is_read),
        cmocka_unit_test(test_nothing_can_be_written_afterwards),
        cmocka_unit_test(test_any_byte_may_be_another_one),
        cmocka_unit_test(test_every_length_but_its_own_is_refused),
        cmocka_unit_test(test_reasons_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
