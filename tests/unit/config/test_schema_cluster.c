// tests/unit/config/test_schema_cluster.c: the keys of the section `cluster` are complete.
#include "unit/config/config_test.h"

/** The bus is connected at the start, so that a change of any key needs a restart. */
static void each_key_has_a_sentence_and_needs_a_restart(void **state)
{
    (void)state;
    size_t count = 0;
    for (const struct setting *row = schema_cluster; row->key != NULL; row++, count++) {
        bool is_file = row->type == SETTING_SECRET_FILE; // the key beside it says so
        assert_true(row->type == SETTING_SECTION || (row->help != NULL && row->help[0] != '\0'));
        assert_true(row->type == SETTING_SECTION || row->restart || is_file);
    }
    assert_true(count > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_key_has_a_sentence_and_needs_a_restart)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
