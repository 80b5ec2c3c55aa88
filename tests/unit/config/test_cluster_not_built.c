// tests/unit/config/test_cluster_not_built.c: a program without libnats refuses the section `cluster` at its place. The
// checks are compiled here as they are then.
#undef AMP_WITH_NATS
#include "core/config/cluster_checks.c" // NOLINT(bugprone-suspicious-include): in place of the library's

#include "unit/config/config_test.h"

static void the_section_is_refused(void **state)
{
    (void)state;
    expect_error("log: {level: info}\ncluster:\n  name: c1\n  bus: [nats://a]\n",
                 "t.yaml:2:1: cluster: expected no such section: built without a bus (libnats)");
    struct config *config = expect_good("cluster:\n");
    config_unref(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_section_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
