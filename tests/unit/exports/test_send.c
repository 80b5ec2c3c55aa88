// tests/unit/exports/test_send.c: which exports are for the bus. What becomes of messages is tested with a receiver
// (tests/system/test_i17_exports_delivery.py).
#include "exports/export.h"

#include "base/memory.h"
#include "unit/test.h"

static void subjects_are_told_from_urls(void **state)
{
    struct export_config config = {.to = memory_writable("nats:ami.{server}")};
    (void)state;

    assert_string_equal(export_subject(&config), "ami.{server}");
    config.to = memory_writable("https://nats:1/");
    assert_null(export_subject(&config));
    config.to = memory_writable("nat");
    assert_null(export_subject(&config));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(subjects_are_told_from_urls)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
