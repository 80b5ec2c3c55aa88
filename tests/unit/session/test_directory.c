// tests/unit/session/test_directory.c: who is there, newest first, whatever the order of coming and going.
#include "session/directory.h"
#include "unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(struct directory *directory, uint64_t id, uint32_t autofilter)
{
    char name[2000]; // longer than any field
    memset(name, 'n', sizeof name);
    (void)snprintf(name + 1000, sizeof name - 1000, "%d", (int)id);
    struct directory_entry entry = {.id = id, .user = name, .autofilter = autofilter};
    directory_put(directory, &entry);
}

static void newest_first(void **state)
{
    (void)state;
    struct directory *directory = directory_create();
    struct directory_entry *entries;
    assert_int_equal(directory_list(directory, DIRECTORY_ALL, &entries), 0);
    assert_null(entries);
    for (uint64_t id = 1; id <= 40; id++)
        put(directory, id * 7 % 41, 0); // workers are not told in order
    directory_remove(directory, 20);
    directory_remove(directory, 20);
    directory_remove(directory, 99);
    put(directory, 21, 2); // what is known is replaced
    assert_int_equal(directory_list(directory, DIRECTORY_ALL, &entries), 39);
    for (uint32_t i = 0; i < 39; i++) {
        assert_int_equal(entries[i].id, 40 - i - (i >= 20));
        assert_int_equal(strtoul(entries[i].user + 1000, NULL, 10), entries[i].id); // f58: not cut
    }
    assert_int_equal(entries[19].autofilter, 2);
    free(entries);
    directory_destroy(directory);
}

static void parts_of_the_list(void **state)
{
    (void)state;
    struct directory *directory = directory_create();
    struct directory_entry *entries, mine = {.user = "mine"};

    for (uint64_t id = 1; id <= 10; id++)
        put(directory, id, 0);
    for (mine.id = 11; mine.id <= 13; mine.id++)
        directory_put(directory, &mine);
    assert_int_equal(directory_list(directory, (struct directory_range){.before = 5, .most = 3}, &entries), 3);
    assert_int_equal(entries[0].id, 4);
    assert_int_equal(entries[2].id, 2);
    free(entries);
    assert_int_equal(
        directory_list(directory, (struct directory_range){.before = 13, .most = 9, .user = "mine"}, &entries), 2);
    assert_int_equal(entries[0].id, 12);
    assert_string_equal(entries[1].user, "mine");
    free(entries);
    assert_int_equal(directory_list(directory, (struct directory_range){.before = 1, .most = 9}, &entries), 0);
    assert_null(entries);
    directory_destroy(directory);
}

/** Each entry has its own texts, of any length; what is not there is empty. */
static void all_texts_are_copied(void **state)
{
    (void)state;
    struct directory *directory = directory_create();
    char text[5][16] = {"u", "192.0.2.7:1", "http", "json", "amp1-"};
    struct directory_entry *entries,
        entry = {
            .id = 1, .user = text[0], .address = text[1], .input = text[2], .output = text[3], .action_id = text[4]};

    directory_put(directory, &entry);
    directory_put(directory, &(struct directory_entry){.id = 2});
    memset(text, 'x', sizeof text);
    assert_int_equal(directory_list(directory, DIRECTORY_ALL, &entries), 2);
    directory_destroy(directory);
    assert_string_equal(entries[0].user, "");
    assert_string_equal(entries[0].action_id, "");
    assert_string_equal(entries[1].user, "u");
    assert_string_equal(entries[1].address, "192.0.2.7:1");
    assert_string_equal(entries[1].input, "http");
    assert_string_equal(entries[1].output, "json");
    assert_string_equal(entries[1].action_id, "amp1-");
    free(entries);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(newest_first), cmocka_unit_test(parts_of_the_list),
                                       cmocka_unit_test(all_texts_are_copied)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
