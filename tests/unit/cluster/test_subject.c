// tests/unit/cluster/test_subject.c: names and subjects, there and back; what is not ours is refused.
#include "cluster/subject.h"

#include "unit/test.h"

static void test_names_are_encoded(void **state)
{
    static const struct {
        const char *name;
        bool fold;
        const char *key;
    } rows[] = {
        {"pbx1", true, "pbx1"},    {"PBX-1_a", true, "pbx-1_a"},
        {"PBX-1", false, "PBX-1"}, {"a.b *>", true, "a%2eb%20%2a%3e"},
        {"100%", true, "100%25"},  {"\xc3\x84", true, "%c3%84"},
    };
    char key[SUBJECT_KEY_BYTES + 1], name[SUBJECT_NAME_BYTES + 1];
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(subject_encode(span_of(rows[i].name), rows[i].fold, key), strlen(rows[i].key));
        assert_string_equal(key, rows[i].key);
        assert_int_equal(subject_decode(span_of(key), rows[i].fold, name), strlen(rows[i].name));
        if (rows[i].fold)
            assert_true(span_equals_nocase(span_of(name), span_of(rows[i].name)));
        else
            assert_string_equal(name, rows[i].name);
    }
}

static void test_every_byte_survives(void **state)
{
    char key[SUBJECT_KEY_BYTES + 1], back[SUBJECT_NAME_BYTES + 1], all[256];
    (void)state;

    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (char)i;
    for (size_t i = 0; i < sizeof all; i += SUBJECT_NAME_BYTES) {
        struct span name = {all + i, SUBJECT_NAME_BYTES};
        size_t length = subject_encode(name, false, key);
        assert_int_not_equal(length, 0);
        assert_int_equal(subject_decode((struct span){key, length}, false, back), SUBJECT_NAME_BYTES);
        assert_memory_equal(back, name.bytes, name.length);
    }
}

static void test_names_have_bounds_and_one_form(void **state)
{
    static const char *const refused[] = {"", "%", "%4", "%zz", "%2E", "%61", "a b", "a.b", "*", ">", "PBX", "a%"};
    char key[SUBJECT_KEY_BYTES + 1], name[SUBJECT_NAME_BYTES + 1], text[SUBJECT_KEY_BYTES + 8];
    (void)state;

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        assert_int_equal(subject_decode(span_of(refused[i]), true, name), 0);
    memset(text, 'a', sizeof text);
    assert_int_equal(subject_encode((struct span){text, SUBJECT_NAME_BYTES + 1}, true, key), 0);
    assert_int_equal(subject_encode((struct span){NULL, 0}, true, key), 0);
    assert_int_equal(subject_decode((struct span){text, SUBJECT_NAME_BYTES + 1}, true, name), 0);
    assert_int_equal(subject_decode((struct span){text, SUBJECT_NAME_BYTES}, true, name), SUBJECT_NAME_BYTES);
}

static void test_subjects_are_written_and_parsed(void **state)
{
    char text[SUBJECT_BYTES], longest[SUBJECT_BYTES];
    struct subject subject;
    (void)state;

    assert_int_not_equal(subject_write(SUBJECT_EV, "c1", span_of("pbx1"), text), 0);
    assert_string_equal(text, "amp.c1.ev.pbx1");
    assert_null(subject_parse(span_of(text), "c1", &subject));
    assert_int_equal(subject.kind, SUBJECT_EV);
    assert_true(span_equals(subject.key, span_of("pbx1")));
    subject_write(SUBJECT_NODE, "c1", span_of("*"), text);
    assert_string_equal(text, "amp.c1.node.*");
    subject_write_action("c1", span_of("pbx1"), 0x2e, text);
    assert_string_equal(text, "amp.c1.do.pbx1.000000000000002e");
    assert_null(subject_parse(span_of(text), "c1", &subject));
    assert_int_equal(subject.kind, SUBJECT_DO);
    assert_true(span_equals(subject.key, span_of("pbx1")) && subject.boot == 0x2e);
    subject_write_action("c1", span_of("*"), 0x2e, text);
    assert_string_equal(text, "amp.c1.do.*.000000000000002e");
    subject_write_reply("c1", span_of("N1"), 0x1f, 7, text);
    assert_string_equal(text, "amp.c1.re.N1.000000000000001f.7");
    assert_null(subject_parse(span_of(text), "c1", &subject));
    assert_int_equal(subject.boot, 0x1f);
    assert_int_equal(subject.id, 7);
    subject_write_reply("c1", span_of("N1"), UINT64_MAX, 0, text);
    assert_string_equal(text, "amp.c1.re.N1.ffffffffffffffff.*");
    memset(longest, 'a', sizeof longest);
    assert_int_equal(subject_write(SUBJECT_EV, "c1", (struct span){longest, sizeof longest}, text), 0);
}

static void test_what_is_not_ours_is_refused(void **state)
{
    static const struct {
        const char *text, *fault;
    } rows[] = {
        {"", "it is not of this cluster"},
        {"amp", "it is not of this cluster"},
        {"amp.c2.ev.pbx1", "it is not of this cluster"},
        {"amp.c1", "its kind is not known"},
        {"amp.c1.what.pbx1", "its kind is not known"},
        {"amp.c1.ev", "its name is none"},
        {"amp.c1.ev.", "it ends in a dot"},
        {"amp.c1.ev.PBX1", "its name is none"},
        {"amp.c1.ev.pbx1.", "it ends in a dot"},
        {"amp.c1.ev.pbx1.more", "it is too long"},
        {"amp.c1.do.pbx1", "its boot id is none"},
        {"amp.c1.do.pbx1.1", "its boot id is none"},
        {"amp.c1.do.pbx1.0000000000000001.1", "it is too long"},
        {"amp.c1.re.n1", "its boot id is none"},
        {"amp.c1.re.n1.000000000000000g.1", "its boot id is none"},
        {"amp.c1.re.n1.0000000000000000.1", "its boot id is none"},
        {"amp.c1.re.n1.0000000000000001", "its number is none"},
        {"amp.c1.re.n1.0000000000000001.0", "its number is none"},
        {"amp.c1.re.n1.0000000000000001.01", "its number is none"},
        {"amp.c1.re.n1.0000000000000001.99999999999999999999", "its number is none"},
        {"amp.c1.re.n1.0000000000000001.1.2", "it is too long"},
    };
    struct subject subject;
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *fault = subject_parse(span_of(rows[i].text), "c1", &subject);
        assert_non_null(fault);
        assert_string_equal(fault, rows[i].fault);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_encoded),
        cmocka_unit_test(test_every_byte_survives),
        cmocka_unit_test(test_names_have_bounds_and_one_form),
        cmocka_unit_test(test_subjects_are_written_and_parsed),
        cmocka_unit_test(test_what_is_not_ours_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
