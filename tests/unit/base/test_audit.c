// tests/unit/base/test_audit.c: records are in the file in their order when the audit log has stopped.
#include "base/audit.h"

#include "unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void put(uint64_t number)
{
    struct audit record;

    audit_begin(&record, "x");
    audit_number(&record, "number", number);
    audit_put(&record);
}

static void test_order_and_loss(void **state)
{
    char path[] = "/tmp/amp-audit-XXXXXX", line[AUDIT_RECORD_BYTES], wanted[32];
    struct error err = {""};
    int fd = mkstemp(path);
    uint64_t put_count = 0, found = 0, lost = 0;
    (void)state;

    assert_true(fd != -1);
    close(fd);
    assert_false(audit_is_on());
    assert_false(audit_open("/nonexistent/audit", &err));
    assert_true(audit_open(path, &err) && audit_is_on());
    while (audit_lost() < 10)
        put(put_count++); // nobody writes yet: the buffer fills
    assert_true(audit_start(&err));
    audit_reopen();
    audit_stop();
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        snprintf(wanted, sizeof wanted, "\"number\":%llu}", (unsigned long long)found);
        if (strstr(line, wanted) != NULL)
            found++;
    }
    fclose(file);
    lost = put_count - found;
    assert_true(lost == 10 && audit_written() == found);
    assert_true(unlink(path) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_order_and_loss)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
