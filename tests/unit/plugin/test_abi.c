// tests/unit/plugin/test_abi.c: the interface of plugins equals tests/data/abi-1.txt; a difference would break existing
// plugins (64-bit machines; a minor version adds lines at the end of a struct and changes its size).
#include "astmanproxy/plugin.h"
#include "unit/test.h"

#include <stdio.h>

// clang-format off
#define FIELD(type, field) {#type "." #field, offsetof(struct type, field), sizeof(((struct type *)0)->field)}
// clang-format on

static const struct {
    const char *name;
    size_t offset, size;
} fields[] = {
    FIELD(amp_bytes, bytes),
    FIELD(amp_bytes, length),
    FIELD(amp_plugin, size),
    FIELD(amp_plugin, abi_minor),
    FIELD(amp_plugin, name),
    FIELD(amp_plugin, capabilities),
    FIELD(amp_plugin, content_type),
    FIELD(amp_plugin, encode),
    FIELD(amp_plugin, decoder_create),
    FIELD(amp_plugin, decoder_destroy),
    FIELD(amp_plugin, decode),
    FIELD(amp_plugin, finish),
    FIELD(amp_plugin, recognise),
    FIELD(amp_plugin, configure),
    FIELD(amp_plugin, list_begin),
    FIELD(amp_plugin, list_between),
    FIELD(amp_plugin, list_end),
    FIELD(amp_plugin, protocol),
    FIELD(amp_plugin, list_content_type),
    FIELD(amp_protocol, size),
    FIELD(amp_protocol, open),
    FIELD(amp_protocol, close),
    FIELD(amp_protocol, input),
    FIELD(amp_protocol, end),
    FIELD(amp_protocol, message),
    FIELD(amp_protocol, timer),
    FIELD(amp_protocol, leave),
    FIELD(amp_protocol, own_frame),
    FIELD(amp_protocol, open_detached),
    FIELD(amp_protocol, request),
    FIELD(amp_protocol, answer),
    FIELD(amp_protocol, collected),
    FIELD(amp_protocol, id_frames),
    FIELD(amp_delivery, size),
    FIELD(amp_delivery, kind),
    FIELD(amp_delivery, final),
    FIELD(amp_delivery, reason),
    FIELD(amp_key, bytes),
    FIELD(amp_digest, size),
    FIELD(amp_digest, user),
    FIELD(amp_digest, response),
    {"sizeof.amp_bytes", 0, sizeof(struct amp_bytes)},
    {"sizeof.amp_plugin", 0, sizeof(struct amp_plugin)},
    {"AMP_CAN_ENCODE", 0, AMP_CAN_ENCODE},
    {"AMP_CAN_DECODE", 0, AMP_CAN_DECODE},
    {"AMP_WANTS_BANNER", 0, AMP_WANTS_BANNER},
    {"AMP_IS_PROTOCOL", 0, AMP_IS_PROTOCOL},
    {"AMP_ENCODES_TEXT", 0, AMP_ENCODES_TEXT},
    {"AMP_GUESS_YES", 0, AMP_GUESS_YES},
    {"AMP_REASON_TIMEOUT", 0, AMP_REASON_TIMEOUT},
    {"AMP_DELIVERY_NOTICE", 0, AMP_DELIVERY_NOTICE},
    {"sizeof.amp_protocol", 0, sizeof(struct amp_protocol)},
    {"sizeof.amp_digest", 0, sizeof(struct amp_digest)},
    {"sizeof.amp_delivery", 0, sizeof(struct amp_delivery)},
};

static void is_as_recorded(void **state)
{
    (void)state;
    if (sizeof(void *) != 8)
        skip();
    FILE *recorded = fopen(AMP_SOURCE "/tests/data/abi-1.txt", "r");
    assert_non_null(recorded);
    char line[256], expected[256];
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        snprintf(expected, sizeof expected, "%s %zu %zu\n", fields[i].name, fields[i].offset, fields[i].size);
        assert_non_null(fgets(line, sizeof line, recorded));
        assert_string_equal(line, expected);
    }
    assert_null(fgets(line, sizeof line, recorded));
    fclose(recorded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(is_as_recorded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
