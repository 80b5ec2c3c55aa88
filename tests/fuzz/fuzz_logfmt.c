// tests/fuzz/fuzz_logfmt.c: the example plugin's decoder reads the same however its bytes are cut and however often the
// session stops it; what it read is written and read again as the same.
#include "examples/plugin-logfmt/logfmt.c"

#include "tests/unit/plugins/decoding.h"

#define BYTE_LIMIT 65536

static void require(bool fact)
{
    if (!fact)
        abort();
}

static void *no_state(void)
{
    static char state;
    return &state;
}

static void forget_state(void *state)
{
    (void)state;
}

/** The decoder as decoding_run() wants it: with a state, which it does not use. */
static const struct amp_plugin plugin = {
    .decoder_create = no_state,
    .decoder_destroy = forget_state,
    .decode = decode,
    .finish = finish,
};

static const struct message *expected; // what is to be read again
static unsigned read_count;

static void require_same(struct span one, struct span other)
{
    require(one.length == other.length && memcmp(one.bytes, other.bytes, one.length) == 0);
}

static void check_same(const struct message *message)
{
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

static void check_round_trip(const struct message *message)
{
    struct amp_output out = {0};
    encode(amp_message_of(message), &out);
    struct decoding what = {
        .bytes = out.bytes,
        .length = out.length,
        .piece = SIZE_MAX / 2,
        .byte_limit = SIZE_MAX / 2,
        .on_usable = check_same,
    };
    expected = message;
    read_count = 0;
    struct amp_output text = decoding_run(&plugin, &what);
    require(read_count == 1 || out.length > LINE_BYTES);
    amp_output_fini(&text);
    amp_output_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct decoding what = {
        .bytes = (const char *)data + 1,
        .length = size - 1,
        .piece = SIZE_MAX / 2,
        .byte_limit = BYTE_LIMIT,
        .finish = data[0] >= 128,
        .kept = LINE_BYTES,
        .on_usable = check_round_trip,
    };
    struct amp_output whole = decoding_run(&plugin, &what);
    what.piece = 1 + data[0] % 64; // the first byte says how the rest is cut
    what.stop = true;
    what.on_usable = NULL;
    struct amp_output cut = decoding_run(&plugin, &what);
    require(whole.length == cut.length && memcmp(whole.bytes, cut.bytes, whole.length) == 0);
    amp_output_fini(&whole);
    amp_output_fini(&cut);
    recognise((const char *)data + 1, size - 1);
    return 0;
}
