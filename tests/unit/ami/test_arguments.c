// tests/unit/ami/test_arguments.c: lists of arguments, compared with a small model of Asterisk's readers.
#include "ami/arguments.h"
#include "base/memory.h"
#include "unit/test.h"

#include <stdio.h>
#include <stdlib.h>

#define ITEM 256

struct found {
    char items[512][ITEM];
    size_t count;
};

static bool note(void *context, struct span item)
{
    struct found *found = context;

    if (found->count < 512)
        snprintf(found->items[found->count++], ITEM, "%.*s", (int)item.length, item.bytes);
    return true;
}

static bool has(const struct found *found, const char *item)
{
    for (size_t i = 0; i < found->count; i++) {
        if (strcmp(found->items[i], item) == 0)
            return true;
    }
    return false;
}

/** Finds out what a comma at one place does. Each place is examined separately, from the beginning of the text. */
static bool is_cut(const char *text, size_t place, bool brackets)
{
    int round = 0, square = 0;
    bool quote = false;

    for (size_t i = 0; i < place; i++) {
        char byte = text[i];
        if (byte == '\\') {
            i++;
            if (i == place)
                return false; // the comma itself is meant as it is
            continue;
        }
        quote ^= byte == '"';
        round = byte == '(' ? round + 1 : byte == ')' && round > 0 ? round - 1 : round;
        if (brackets)
            square = byte == '[' ? square + 1 : byte == ']' && square > 0 ? square - 1 : square;
    }
    return !quote && round == 0 && square == 0;
}

/** The model: the items of `text`, without quotes and backslashes. */
static void model(const char *text, bool brackets, struct found *found)
{
    char item[ITEM] = "";
    size_t length = 0;

    for (size_t i = 0; text[i] != '\0'; i++) {
        if (text[i] == ',' && is_cut(text, i, brackets)) {
            snprintf(found->items[found->count++], ITEM, "%s", item);
            length = 0;
        } else if (text[i] == '\\') {
            item[length++] = text[++i];
            if (text[i] == '\0')
                break;
        } else if (text[i] != '"') {
            item[length++] = text[i];
        }
        item[length] = '\0';
    }
    snprintf(found->items[found->count++], ITEM, "%s", item);
}

static void test_f03_known_lists(void **state)
{
    static const struct {
        const char *text, *items[4];
        bool certain;
    } lists[] = {
        {"A=1", {"A=1"}, true},
        {"A=1,FILE(/tmp/x)=owned", {"A=1", "FILE(/tmp/x)=owned"}, true},
        {"A=\"1,B\",C=2", {"A=1,B", "C=2"}, true},
        {"A=f(1,2),C=2", {"A=f(1,2)", "C=2"}, true},
        {"A=[1,B=2]", {"A=[1,B=2]", "A=[1", "B=2]"}, true}, // releases differ
        {"A=1\\,B=2", {"A=1,B=2"}, true},
        {"A=1,FI\"LE\"(x)=2", {"A=1", "FILE(x)=2"}, true},
        {"A=1,\\F\\ILE(x)=2", {"A=1", "FILE(x)=2"}, true},
        {"A=:),B=2", {"A=:)", "B=2"}, true},
        {"A=:(", {"A=:("}, true},
        {"A=1|FILE(x)=2", {"A=1", "FILE(x)=2"}, true},
        {"A=1|FI\"LE\"(x)=2", {"A=1", "FILE(x)=2"}, true}, // 1.4
        {"A=1|FI\\LE(x)=2", {"A=1", "FILE(x)=2"}, true},
        {"A=\"1|2\"", {"A=1|2", "A=\"1", "2\""}, true},
        {"", {""}, true},

        {"A=(,B=2", {NULL}, false},
        {"A=\"x,B=2", {NULL}, false},
        {"A=1\\", {NULL}, false},
    };
    (void)state;
    struct found *found = memory_zero(1, sizeof *found);

    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        found->count = 0;
        if (arguments_each(span_of(lists[i].text), true, note, found) != lists[i].certain)
            fail_msg("%s", lists[i].text);
        for (size_t k = 0; k < 4 && lists[i].items[k] != NULL; k++) {
            if (!has(found, lists[i].items[k]))
                fail_msg("%s has no item %s", lists[i].text, lists[i].items[k]);
        }
    }
    free(found);
}

static void test_f03_more_items_than_there_is_room_for(void **state)
{
    char text[2 * ARGUMENTS_MOST + 1] = "";
    (void)state;
    struct found *found = memory_zero(1, sizeof *found);

    for (size_t i = 0; i < ARGUMENTS_MOST - 1; i++) {
        found->count = 0;
        assert_true(arguments_each(span_of(text), true, note, found));
        strcat(text, ",");
    }
    assert_false(arguments_each(span_of(text), true, note, found));
    free(found);
}

static void test_f03_random_lists_are_read_like_the_model(void **state)
{
    static const char *const pieces[] = {"A",  "=",  ",", ",", "(",       ")", "[",   "]",
                                         "\"", "\\", "|", " ", "FILE(x)", "_", "${B}"};
    unsigned seed = 20261129;
    size_t certain = 0;
    (void)state;
    struct found *found = memory_zero(1, sizeof *found), *wanted = memory_zero(1, sizeof *wanted);

    for (int round = 0; round < 50000; round++) {
        char text[ITEM] = "";
        int count = (int)(rand_r(&seed) % 24);
        for (int i = 0; i < count; i++)
            strcat(text, pieces[(unsigned)rand_r(&seed) % (sizeof pieces / sizeof pieces[0])]);
        found->count = wanted->count = 0;
        if (!arguments_each(span_of(text), true, note, found))
            continue; // refused
        certain++;
        model(text, true, wanted);
        model(text, false, wanted);
        for (size_t i = 0; i < wanted->count; i++) {
            if (!has(found, wanted->items[i]))
                fail_msg("%s: Asterisk reads %s", text, wanted->items[i]);
        }
    }
    assert_true(certain > 5000);
    free(found);
    free(wanted);
}

/** Whatever the value is, each release with escapes reads one item, and that is what was meant. */
static void test_assignments_are_read_as_they_were_meant(void **state)
{
    static const char bytes[] = "ab ,\"\\()[]=;&|\t\x01\xff";
    struct found *found = memory_new(sizeof *found), *wanted = memory_new(sizeof *wanted);
    unsigned seed = 4;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        char value[40] = "", text[2 * sizeof value + 8], meant[sizeof value + 8];
        size_t count = (unsigned)rand_r(&seed) % sizeof value;
        for (size_t i = 0; i + 1 < count; i++)
            value[i] = bytes[(unsigned)rand_r(&seed) % (sizeof bytes - 1)];
        size_t length = arguments_assign(span_of("F(x)"), span_of(value), text);
        text[length] = '\0';
        snprintf(meant, sizeof meant, "F(x)=%s", value);
        found->count = wanted->count = 0;
        assert_true(arguments_each(span_of(text), false, note, found));
        model(text, true, wanted);
        model(text, false, wanted);
        assert_int_equal(wanted->count, 2);
        assert_true(strcmp(wanted->items[0], meant) == 0 && strcmp(wanted->items[1], meant) == 0);
        assert_true(found->count == 2 && strcmp(found->items[0], meant) == 0 && strcmp(found->items[1], meant) == 0);
    }
    free(found);
    free(wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f03_known_lists),
        cmocka_unit_test(test_f03_more_items_than_there_is_room_for),
        cmocka_unit_test(test_assignments_are_read_as_they_were_meant),
        cmocka_unit_test(test_f03_random_lists_are_read_like_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
