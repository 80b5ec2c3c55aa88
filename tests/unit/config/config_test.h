// tests/unit/config/config_test.h: configurations from texts.
#ifndef UNIT_CONFIG_TEST_H
#define UNIT_CONFIG_TEST_H

#include "ami/event_class.h"
#include "config/compare.h"
#include "config/schema.h"
#include "parse.h"

#include <cmocka.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

static inline void defaults(void **state)
{
    (void)state;
    struct config *config = expect_good("");
    assert_int_equal(config->listen_count, 2); // with the control socket
    assert_true(config->listen[1].control);
    assert_string_equal(config->listen[1].address, "unix:/run/astmanproxy/control");
    assert_false(config->control.given);
    assert_string_equal(config->listen[0].address, "127.0.0.1");
    assert_int_equal(config->listen[0].port, 1234);
    assert_string_equal(config->listen[0].input, "auto");
    assert_string_equal(config->listen[0].output, "standard");
    assert_string_equal(config->listen[0].banner, "auto");
    assert_int_equal(config->listen[0].autofilter, AUTOFILTER_UNIQUE);
    assert_int_equal(config->listen[0].tls, TLS_OPTIONAL);
    assert_int_equal(config->server_count, 0);
    assert_int_equal(config->user_count, 0);
    assert_int_equal(config->retry.interval_ms, 2000);
    assert_int_equal(config->retry.max_interval_ms, 60000);
    assert_true(config->auth.required);
    assert_null(config->auth.proxy_key);
    assert_int_equal(config->auth.timeout_ms, 30000);
    assert_int_equal(config->auth.failures_per_minute, 10);
    assert_int_equal(config->plugins.load_count, 5);
    assert_string_equal(config->plugins.load[0], "http");
    assert_string_equal(config->plugins.load[4], "standard");
    assert_int_equal(config->listen[0].detect_timeout_ms, 200);
    assert_null(config->tls.certificate);
    assert_int_equal(config->limits.message_bytes, 65536);
    assert_int_equal(config->limits.output_backlog, 8 << 20);
    assert_int_equal(config->limits.in_flight, 100);
    assert_true(config->workers >= 1 && config->workers <= 64);
    assert_string_equal(config->log.to, "stderr");
    assert_int_equal(config->log.level, LOG_LEVEL_INFO);
    assert_int_equal(config->log.repeat_lines, 100);
    assert_int_equal(config->log.repeat_interval_ms, 10000);
    config_unref(config);
}

/** A configuration that the program comes with, and the secrets that it reads from the environment. */
static inline struct config *load_shipped(const char *name)
{
    char path[4096];
    char *errors;
    setenv("PBX1_SECRET", "p", 1);
    setenv("BILL_SECRET", "b", 1);
    setenv("STEVE_SECRET", "s", 1);
    setenv("WALLBOARD_SECRET", "w", 1);
    setenv("ADMIN_SECRET", "a", 1);
    snprintf(path, sizeof path, "%s/config/%s", AMP_SOURCE, name);
    struct config *config = config_load(path, &errors);
    if (config == NULL)
        fail_msg("%s", errors);
    return config;
}

#endif
