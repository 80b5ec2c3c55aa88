// tests/unit/ami/test_device.c: entries `channel:` against names of devices and channels.
#include "ami/device.h"
#include "unit/test.h"

#include <stdio.h>

struct line {
    const char *entry, *name;
    bool as_device, as_channel;
};

static void check(const struct line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct device_entry entry = device_entry_of(lines[i].entry);
        struct span name = span_of(lines[i].name);
        if (device_entry_is(entry, name) != lines[i].as_device)
            fail_msg("entry %s, device %s: expected %d", lines[i].entry, lines[i].name, lines[i].as_device);
        if (device_entry_has_channel(entry, name) != lines[i].as_channel)
            fail_msg("entry %s, channel %s: expected %d", lines[i].entry, lines[i].name, lines[i].as_channel);
    }
}

static void test_f09_an_entry_is_one_device_and_its_channels(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"SIP/100", "SIP/100", true, true},
        {"SIP/100-", "SIP/100", true, true},
        {"SIP/100", "sip/100", true, true},
        {"SIP/100", "SIP/100-0000001f", false, true},
        {"SIP/100-", "SIP/100-0000001F", false, true},
        {"sip/100", "SIP/100-1f2e", false, true},
        {"SIP/100", "SIP/100-0000001f<ZOMBIE>", false, true},
        {"SIP/100", "SIP/1001", false, false},
        {"SIP/100", "SIP/1001-0000001f", false, false},
        {"SIP/100", "SIP/10", false, false},
        {"SIP/100", "SIP/100@evil.example", false, false},
        {"SIP/100", "SIP/100@evil.example-0000001f", false, false},
        {"SIP/100", "SIP/100/extra", false, false},
        {"SIP/100", "SIP/100/extra-0000001f", false, false},
        {"SIP/100", "SIP/100:5060", false, false},
        {"SIP/100", "SIP/100:secret::authname@192.0.2.1", false, false},
        {"SIP/100", "SIP/100&SIP/200", false, false},
        {"SIP/100", "SIP/200&SIP/100", false, false},
        {"SIP/100", "SIP/100!x", false, false},
        {"SIP/100", "SIP/100 ", false, false},
        {"SIP/100", "SIP/100-", false, false},
        {"SIP/100", "SIP/100-office", false, false},
        {"SIP/100", "SIP/100-office-0000001f", false, false},
        {"SIP/100-", "SIP/100--0000001f", false, false},
        {"SIP/100", "PJSIP/100", false, false},
        {"SIP/100", "AsyncGoto/SIP/100-0000001f", false, false},
        {"SIP/100", "/^SIP/100", false, false},
        {"SIP/100", "", false, false},
        {"-", "", false, false},
        {"", "", false, false},
        {"", "-1", false, false},
        {"PJSIP/100-office", "PJSIP/100-office-0000001f", false, true},
        {"PJSIP/100-office", "PJSIP/100-0000001f", false, false},
        {"PJSIP/100", "PJSIP/100-office-0000001f", false, false},
        {"PJSIP/100-0000001f", "PJSIP/100-0000001f-00000002", false,
         true}, // a device whose name looks like a channel's
        {"PJSIP/100", "PJSIP/100-0000001f-00000002", false, false},
        {"PJSIP/100", "PJSIP/100/sip:evil@192.0.2.1", false, false},
        {"PJSIP/100", "PJSIP/200@100", false, false},
        {"PJSIP/100", "PJSIP/100;1", false, false},
        {"IAX2/100", "IAX2/100-12345", false, true},
        {"DAHDI/1", "DAHDI/1-1", false, true},
        {"DAHDI/1", "DAHDI/1-1-1", false, false},
        {"DAHDI/1", "DAHDI/1/5551234", false, false},
        {"DAHDI/1", "DAHDI/1r2", false, false},
        {"DAHDI/1", "DAHDI/11-1", false, false},
        {"Agent/1001", "Agent/1001", true, true},
        {"Local/5@out", "Local/5@out", true, true},
        {"Local/5@out", "Local/5@out/nj", true, true},
        {"Local/5@out/n", "local/5@out", true, true},
        {"Local/5@out", "Local/5@out-0000001f;1", false, true},
        {"Local/5@out/n", "Local/5@out-0000001f;2", false, true},
        {"Local/5@out", "Local/5@out-1f2e,2", false, true},
        {"Local/5@out", "Local/5@out-0000001f;3", false, false},
        {"Local/5@out", "Local/5@outer-0000001f;1", false, false},
        {"Local/5@out", "Local/55@out", false, false},
        {"Local/5@out", "Local/5@out/n/x", false, false},
        {"Local/5@out", "Local/5@out/5", false, false},
        {"SIP/100", "SIP/100/n", false, false}, // options are a Local channel's alone
    };
    check(lines, sizeof lines / sizeof lines[0]);
}

static void test_f09_star_and_slash_make_a_prefix(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"SIP/100*", "SIP/100", true, true},
        {"SIP/100*", "SIP/1001-0000001f", true, true},
        {"SIP/100*", "SIP/100@there.example", true, true},
        {"SIP/100*", "SIP/10", false, false},
        {"SIP/100-*", "SIP/100-office-0000001f", true, true},
        {"SIP/100-*", "SIP/100", false, false},
        {"SIP/100*", "SIP/100&SIP/200", false, false}, // two devices are never one's own
        {"SIP/100**", "SIP/100*1", true, true},
        {"SIP/100**", "SIP/1001", false, false},
        {"SIP/*100", "SIP/1100", false, false}, // elsewhere a star is a star
        {"SIP/*100", "SIP/*100-0000001f", false, true},
        {"DAHDI/i1/", "DAHDI/i1/5551234-1a", true, true},
        {"DAHDI/i1/", "DAHDI/i1", false, false},
        {"dahdi/i1/", "DAHDI/i11/5551234-1a", false, false},
        {"PJSIP/", "PJSIP/7", true, true},
        {"*", "SIP/1", true, true},
    };
    check(lines, sizeof lines / sizeof lines[0]);
}

/** Texts of each length around the eight bytes that are compared at once: one byte decides, at each place. */
static void test_i15_one_byte_decides(void **state)
{
    static const char text[] = "PJSIP/0123456789abcdef";
    char entry[32], name[32];
    (void)state;

    for (size_t length = 1; length < sizeof text; length++) {
        for (size_t place = 0; place <= length; place++) {
            snprintf(entry, sizeof entry, "%.*s", (int)length, text);
            snprintf(name, sizeof name, "%.*s", (int)length, text);
            if (place < length)
                name[place] = name[place] == '8' ? 'X' : '8';
            assert_int_equal(device_entry_is(device_entry_of(entry), span_of(name)), place == length);
            snprintf(entry + length, 2, "*");
            snprintf(name + length, 2, "x");
            assert_int_equal(device_entry_is(device_entry_of(entry), span_of(name)), place == length);
        }
    }
}

static void test_f09_names_in_lists_may_lack_the_technology(void **state)
{
    (void)state;
    static const struct {
        const char *entry, *technology, *name;
        bool own;
    } lines[] = {
        {"SIP/100", "", "100", true},       {"SIP/100-", "", "100", true},
        {"SIP/100", "", "1001", false},     {"SIP/100", "", "100-office", false},
        {"SIP/100*", "", "1001", true},     {"SIP/100", "", "SIP/100", true},
        {"SIP/100", "", "IAX2/100", false}, {"SIP/", "", "7", true},
        {"SIP", "", "SIP", true},           {"SIP", "", "100", false},
        {"SIP/100", "", "", false},         {"SIP/100", "sip", "100", true},
        {"SIP/100", "IAX2", "100", false},  {"SIP/100", "IAX2", "SIP/100", true},
        {"PJSIP/", "SIP", "7", false},      {"PJSIP/", "PJSIP", "7", true},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        if (device_entry_lists(device_entry_of(lines[i].entry), span_of(lines[i].technology), span_of(lines[i].name)) !=
            lines[i].own)
            fail_msg("entry %s, listed %s: expected %d", lines[i].entry, lines[i].name, lines[i].own);
    }
}

static void test_f09_context_of_a_local_channel(void **state)
{
    (void)state;
    static const char *const lines[][2] = {
        {"Local/5@out", "out"},
        {"local/5@out/n", "out"},
        {"Local/5@a@out", "a@out"},
        {"Local/5", NULL},
        {"Local/5/n@out", NULL}, // options: the call goes to the context `default`
        {"Local/5@out/a/n", "out"},
        {"Local/5@", ""},
        {"SIP/100@elsewhere", NULL},
        {"Local/", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct span context = device_local_context(span_of(lines[i][0]));
        if ((context.bytes == NULL) != (lines[i][1] == NULL) || !span_equals(context, span_of(lines[i][1])))
            fail_msg("%s: found %.*s", lines[i][0], (int)context.length, context.bytes == NULL ? "" : context.bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f09_an_entry_is_one_device_and_its_channels),
        cmocka_unit_test(test_f09_star_and_slash_make_a_prefix),
        cmocka_unit_test(test_i15_one_byte_decides),
        cmocka_unit_test(test_f09_names_in_lists_may_lack_the_technology),
        cmocka_unit_test(test_f09_context_of_a_local_channel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
