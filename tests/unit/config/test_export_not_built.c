// tests/unit/config/test_export_not_built.c: a program without libcurl refuses exports over HTTP at their place. The
// checks are compiled here as they are then.
#undef AMP_WITH_CURL
#include "core/config/export_checks.c" // NOLINT(bugprone-suspicious-include): in place of the library's

#include "unit/config/config_test.h"

static void the_url_is_refused(void **state)
{
    (void)state;
    expect_error("users: [{name: a, secret: b}]\nexports:\n  - {user: a, to: 'https://x'}\n",
                 "t.yaml:3:19: exports[0].to: expected no URL: built without HTTP exports (libcurl)");
    config_unref(expect_good("exports: []\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_url_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
