// tests/fuzz/fuzz_csv.c: the csv format's decoder reads the same however its bytes are cut and however often the
// session stops it; what it read is written and read again as the same; and whatever a message holds, libcsv reads the
// same fields out of what is written.
#include "plugins/csv/csv.c"

#include "plugin/host.h"
#include "tests/fuzz/any_message.h"

#include <astmanproxy/testing.h>
#include <stdlib.h>

#define BYTE_LIMIT 65536

static void require(bool fact)
{
    if (!fact)
        abort();
}

static struct amp_output written(const struct message *message)
{
    struct amp_output out = {0};
    amp_plugin_v1.encode(amp_message_of(message), &out);
    return out;
}

static const struct message *expected; // what is to be read again
static unsigned read_count;

static void check_same(void *context, const struct amp_message *action, const char *rejected)
{
    const struct message *message = (const struct message *)action;
    (void)context;
    if (rejected != NULL)
        return;
    require(message->header_count == expected->header_count);
    for (uint32_t i = 0; i < message->header_count; i++) {
        struct span name, value, expected_name, expected_value;
        message_header(message, i, &name, &value);
        message_header(expected, i, &expected_name, &expected_value);
        require(name.length == expected_name.length && value.length == expected_value.length);
        require(memcmp(name.bytes, expected_name.bytes, name.length) == 0);
        require(memcmp(value.bytes, expected_value.bytes, value.length) == 0);
    }
    read_count++;
}

static void check_round_trip(void *context, const struct amp_message *action, const char *rejected)
{
    const struct message *message = (const struct message *)action;
    (void)context;
    if (rejected != NULL)
        return;
    struct amp_output out = written(message);
    struct amp_test_client what = {
        .bytes = out.bytes,
        .length = out.length,
        .most_bytes = SIZE_MAX / 2,
        .on_action = check_same,
    };
    expected = message;
    read_count = 0;
    char *text = amp_test_decode(&amp_plugin_v1, &what);
    require(read_count == 1 || out.length > RECORD_BYTES);
    free(text);
    amp_output_fini(&out);
}

/** Fields that libcsv reads, against the headers of a message. */
struct reading {
    const struct message *message;
    uint32_t fields, records;
};

static void on_read_field(void *bytes, size_t length, void *context)
{
    struct reading *reading = context;
    struct span name, value;
    require(reading->fields < reading->message->header_count);
    message_header(reading->message, reading->fields++, &name, &value);
    size_t start = name.length == 0 ? 0 : name.length + 2;
    require(length == start + value.length);
    require(memcmp(bytes, name.bytes, name.length) == 0);
    require(start == 0 || memcmp((char *)bytes + name.length, ": ", 2) == 0);
    require(memcmp((char *)bytes + start, value.bytes, value.length) == 0);
}

static void on_read_record(int character, void *context)
{
    (void)character;
    ((struct reading *)context)->records++;
}

/** What is written of any message is read again as the same. */
static void check_encoder(const char *bytes, size_t length)
{
    struct message *message = any_message(bytes, length);
    struct amp_output out = written(message);
    struct reading reading = {.message = message};
    struct csv_parser parser;
    csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI);
    require(csv_parse(&parser, out.bytes, out.length, on_read_field, on_read_record, &reading) == out.length);
    require(reading.records == 1 && (reading.fields == message->header_count || message->header_count == 0));
    csv_free(&parser);
    amp_output_fini(&out);
    message_unref(message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    size_t piece = 1 + data[0] % 64; // the first byte says how the rest is cut
    struct amp_test_client what = {
        .bytes = (const char *)data + 1,
        .length = size - 1,
        .most_bytes = BYTE_LIMIT,
        .finish = data[0] >= 128,
        .most_kept = BOM_BYTES - 1,
        .on_action = check_round_trip,
    };
    legacy = (data[0] & 64) != 0;
    char *whole = amp_test_decode(&amp_plugin_v1, &what);
    what.piece = piece;
    what.stop = true;
    what.on_action = NULL;
    char *cut = amp_test_decode(&amp_plugin_v1, &what);
    require(strcmp(whole, cut) == 0);
    free(whole);
    free(cut);
    if (size > 1)
        check_encoder((const char *)data + 1, size - 1);
    return 0;
}
