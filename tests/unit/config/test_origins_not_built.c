// tests/unit/config/test_origins_not_built.c: a program without libcurl refuses the hosts of scripts.http at their
// place. The reader is compiled here as it is then.
#undef AMP_WITH_CURL
#include "core/config/origins.c" // NOLINT(bugprone-suspicious-include): in place of the library's

#include "unit/config/config_test.h"

static void the_url_is_refused(void **state)
{
    (void)state;
    expect_error("scripts:\n  http: ['https://x']\n",
                 "t.yaml:2:10: scripts.http[0]: expected no URL: built without HTTP (libcurl)");
    expect_error("scripts:\n  http: [{'https://x': [crm]}]\n", "expected no URL: built without HTTP (libcurl)");
    config_unref(expect_good("scripts: {http: []}\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_url_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
