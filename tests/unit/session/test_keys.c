// tests/unit/session/test_keys.c: keys find their sessions, of their plugin alone; who has not logged in makes room.
#include "session/keys.h"
#include "unit/test.h"

static const struct amp_plugin first = {.name = "first"}, second = {.name = "second"};

static struct amp_key key_of(unsigned char number)
{
    struct amp_key key = {{number}};
    return key;
}

/** Adds the session `id`, whose key is its number. @return the number of the one that made room */
static uint64_t add(struct session_keys *keys, const struct amp_plugin *plugin, uint64_t id, uint64_t most,
                    enum session_keys_answer expected)
{
    struct amp_key key = key_of((unsigned char)id);
    uint64_t displaced = 99;
    assert_int_equal(session_keys_add(keys, plugin, &key, id, most, &displaced), expected);
    return displaced;
}

static bool has(struct session_keys *keys, const struct amp_plugin *plugin, uint64_t id, bool *known)
{
    struct amp_key key = key_of((unsigned char)id);
    struct session_place place;
    return session_keys_find(keys, plugin, &key, &place, known);
}

static void test_i16_keys_are_counted_for_each_plugin(void **state)
{
    struct session_keys *keys = session_keys_create();
    bool known;
    (void)state;
    for (uint64_t id = 1; id <= 3; id++) {
        assert_int_equal(add(keys, &first, id, 3, SESSION_KEYS_ADDED), 0);
        session_keys_set_known(keys, id, true);
    }
    assert_int_equal(add(keys, &second, 4, 1, SESSION_KEYS_ADDED), 0); // the others' do not count
    session_keys_set_known(keys, 4, true);
    assert_int_equal(add(keys, &first, 5, 3, SESSION_KEYS_FULL), 0);
    assert_int_equal(add(keys, &second, 6, 1, SESSION_KEYS_FULL), 0);
    assert_true(has(keys, &first, 1, &known) && known);
    assert_false(has(keys, &second, 1, &known));
    session_keys_remove(keys, 2);
    assert_int_equal(add(keys, &first, 5, 3, SESSION_KEYS_ADDED), 0);
    for (uint64_t id = 1; id <= 6; id++)
        session_keys_remove(keys, id);
    session_keys_destroy(keys);
}

static void test_i16_keys_oldest_without_a_login_makes_room(void **state)
{
    struct session_keys *keys = session_keys_create();
    bool known;
    (void)state;
    for (uint64_t id = 1; id <= 4; id++)
        add(keys, &first, id, 4, SESSION_KEYS_ADDED);
    session_keys_set_known(keys, 1, true);
    session_keys_set_busy(keys, 2, true);
    assert_int_equal(add(keys, &first, 5, 4, SESSION_KEYS_ADDED), 3);
    assert_false(has(keys, &first, 3, &known));
    assert_int_equal(add(keys, &first, 6, 4, SESSION_KEYS_ADDED), 4);
    session_keys_set_known(keys, 1, false); // it has logged out, and is the youngest of these now
    session_keys_set_busy(keys, 2, false);
    assert_int_equal(add(keys, &first, 7, 4, SESSION_KEYS_ADDED), 2);
    assert_int_equal(add(keys, &first, 8, 4, SESSION_KEYS_ADDED), 5);
    assert_true(has(keys, &first, 1, &known) && !known);
    assert_int_equal(add(keys, &first, 8, 9, SESSION_KEYS_TAKEN), 0);
    for (uint64_t id = 1; id <= 8; id++)
        session_keys_remove(keys, id);
    session_keys_destroy(keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_i16_keys_are_counted_for_each_plugin),
        cmocka_unit_test(test_i16_keys_oldest_without_a_login_makes_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
