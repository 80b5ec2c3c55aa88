// tests/fuzz/fuzz_logfmt.c: the example plugin's decoder reads the same however its bytes are cut and however often the
// session stops it; what it read is written and read again as the same.
#include "examples/plugin-logfmt/logfmt.c"

#include "ami/message.h"
#include "plugin/host.h"

#include <astmanproxy/testing.h>
#include <stdlib.h>

#define BYTE_LIMIT 65536

static void require(bool fact)
{
    if (!fact)
        abort();
}

static const struct message *expected; // what is to be read again
static unsigned read_count;

static void require_same(struct span one, struct span other)
{
    require(one.length == other.length && memcmp(one.bytes, other.bytes, one.length) == 0);
}

static void check_same(void *context, const struct amp_message *action, const char *rejected)
{
    const struct message *message = (const struct message *)action;
    (void)context;
    if (rejected != NULL)
        return;
    require(message->header_count == expected->header_count);
    for (uint32_t i = 0; i < message->header_count; i++) {
        struct span name;
        struct span value;
        struct span expected_name;
        struct span expected_value;
        message_header(message, i, &name, &value);
        message_header(expected, i, &expected_name, &expected_value);
        require_same(name, expected_name);
        require_same(value, expected_value);
    }
    read_count++;
}

static void check_round_trip(void *context, const struct amp_message *action, const char *rejected)
{
    const struct message *message = (const struct message *)action;
    (void)context;
    if (rejected != NULL)
        return;
    struct amp_output out = {0};
    logfmt_encode(amp_message_of(message), &out);
    struct amp_test_client what = {
        .bytes = out.bytes,
        .length = out.length,
        .most_bytes = SIZE_MAX / 2,
        .on_action = check_same,
    };
    expected = message;
    read_count = 0;
    char *text = amp_test_decode(&amp_plugin_v1, &what);
    require(read_count == 1 || out.length > LINE_BYTES);
    free(text);
    amp_output_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct amp_test_client what = {
        .bytes = (const char *)data + 1,
        .length = size - 1,
        .most_bytes = BYTE_LIMIT,
        .finish = data[0] >= 128,
        .most_kept = LINE_BYTES,
        .on_action = check_round_trip,
    };
    char *whole = amp_test_decode(&amp_plugin_v1, &what);
    what.piece = 1 + data[0] % 64; // the first byte says how the rest is cut
    what.stop = true;
    what.on_action = NULL;
    char *cut = amp_test_decode(&amp_plugin_v1, &what);
    require(strcmp(whole, cut) == 0);
    free(whole);
    free(cut);
    logfmt_recognise((const char *)data + 1, size - 1);
    return 0;
}
