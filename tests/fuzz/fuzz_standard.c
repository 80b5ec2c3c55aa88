// tests/fuzz/fuzz_standard.c: the standard format's decoder reads the same from a client however its bytes are cut and
// however often the session stops it, keeps little, and lets nothing through that could be two lines.
#include "plugins/standard/standard.c"

#include "ami/writer.h"
#include "base/memory.h"
#include "plugin/host.h"

#include <stdio.h>

#define BYTE_LIMIT 65536

/** What was read, as bytes: two runs are compared by it. */
struct record {
    struct amp_output text;
    bool stop; // say false after each message
};

/** Records what the program knows of an action, and what it would send to a server. */
static void record_facts(struct record *record, const struct message *message)
{
    struct writer_buffer out = {0};
    char text[200];
    enum writer_result result = writer_check(message);
    struct span name = message_name(message), id = message_action_id(message), wire = message_wire(message);
    snprintf(text, sizeof text, "%d %d %d %d %d %llx %d %zu %zu\n", message->kind, message->action, message->action_id,
             message->clean, message->info != NULL, (unsigned long long)message->names, result, name.length, id.length);
    amp_output_write(&record->text, text, strlen(text));
    amp_output_write(&record->text, wire.bytes, wire.length);
    if (result != WRITER_OK)
        return;
    writer_wire(&out, message, span_of("amp1-2"));
    amp_output_write(&record->text, out.bytes, out.length);
    writer_buffer_fini(&out);
}

static bool on_message(void *context, struct message *message, const char *rejected)
{
    struct record *record = context;
    record_facts(record, message);
    for (uint32_t i = 0; i < message->header_count; i++) {
        struct span name, value;
        message_header(message, i, &name, &value);
        if (memchr(name.bytes, ':', name.length) != NULL || memchr(value.bytes, '\n', value.length) != NULL ||
            memchr(value.bytes, '\r', value.length) != NULL || memchr(value.bytes, '\0', value.length) != NULL)
            abort();
        amp_output_write(&record->text, name.bytes, name.length);
        amp_output_write(&record->text, "=", 1);
        amp_output_write(&record->text, value.bytes, value.length);
        amp_output_write(&record->text, "\n", 1);
    }
    if (rejected != NULL)
        amp_output_write(&record->text, rejected, strlen(rejected));
    amp_output_write(&record->text, "\n\n", 2);
    message_unref(message);
    return !record->stop;
}

/** Decodes all of `bytes`: those up to `end` are there at first, then `piece` more each time. */
static struct amp_output run(const char *bytes, size_t length, size_t piece, bool stop)
{
    struct record record = {.stop = stop};
    struct amp_input input;
    void *decoder = amp_plugin_v1.decoder_create();
    amp_input_init(&input, BYTE_LIMIT, on_message, &record);
    for (size_t start = 0, end = 0; end < length && input.failed == NULL;) {
        size_t used = 0;
        end = length - end > piece ? end + piece : length;
        do {
            char *exact = memory_new(end - start); // so that a read past the end is seen
            memcpy(exact, bytes + start, end - start);
            used = amp_plugin_v1.decode(decoder, exact, end - start, &input);
            free(exact);
            if (used > end - start)
                abort();
            start += used;
        } while (used > 0 && start < end && input.failed == NULL);
        if (end - start > ID_LINE_BYTES + 1)
            abort();
    }
    if (input.failed != NULL)
        amp_output_write(&record.text, input.failed, strlen(input.failed));
    amp_input_fini(&input);
    amp_plugin_v1.decoder_destroy(decoder);
    return record.text;
}

static void compare(const struct amp_output *whole, struct amp_output cut)
{
    if (whole->length != cut.length || (cut.length > 0 && memcmp(whole->bytes, cut.bytes, cut.length) != 0))
        abort();
    amp_output_fini(&cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    size_t piece = 1 + data[0] % 64; // the first byte says how the rest is cut
    const char *bytes = (const char *)data + 1;
    struct amp_output whole = run(bytes, size - 1, size, false);
    compare(&whole, run(bytes, size - 1, piece, true));
    compare(&whole, run(bytes, size - 1, 1, false)); // no action is there as a whole when its first line is read
    amp_output_fini(&whole);
    return 0;
}
