// tests/unit/ami/test_scope.c: the table of what actions concern agrees with the catalogue.
#include "ami/scope.h"

#include "ami/catalogue.h"
#include "unit/test.h"

static void test_f05_table_knows_every_action(void **state)
{
    (void)state;
    assert_int_equal(scope_count(), catalogue_count());
    for (uint32_t i = 0; i < catalogue_count(); i++) {
        const struct action_info *info = catalogue_at(i);
        const struct action_scope *scope = scope_find(span_of(info->name));
        if (scope == NULL || strcmp(scope->action, info->name) != 0)
            fail_msg("%s is not there", info->name);
        assert_int_equal(info->effect == EFFECT_SESSION, scope->scope == SCOPE_NEVER);
        if (scope->scope == SCOPE_OWN)
            assert_non_null(scope->headers[0].name);
        if (scope->scope == SCOPE_ALL && info->effect == EFFECT_CHANGES && !span_is(span_of(info->name), "UserEvent"))
            fail_msg("%s changes something", info->name);
        if (scope->scope == SCOPE_LISTS && (info->effect == EFFECT_CHANGES || info->sensitive))
            fail_msg("%s is more than a list", info->name);
    }
    assert_null(scope_find(span_of("NoSuch")));
    assert_null(scope_find(span_of("")));
    assert_null(scope_find(span_of("Hangu")));
    assert_ptr_equal(scope_find(span_of("hANGUP")), scope_find(span_of("Hangup")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f05_table_knows_every_action),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
