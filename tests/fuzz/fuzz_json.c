// tests/fuzz/fuzz_json.c: the json format's decoder reads the same however its bytes are cut and however often the
// session stops it; what it read is written and read again as the same; and whatever a message holds, what is written
// is JSON of the same values, in both ways the same.
#include "plugins/json/brief.c"
#include "plugins/json/decode.c"
#include "plugins/json/encode.c"
#include "plugins/json/json.c"
#include "plugins/json/utf8.c"

#include "ami/parser.h"
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

/** Decodes all at once. */
static char *read_again(struct amp_output bytes,
                        void (*on_action)(void *context, const struct amp_message *action, const char *rejected))
{
    struct amp_test_client what = {
        .bytes = bytes.bytes,
        .length = bytes.length,
        .most_bytes = SIZE_MAX / 2,
        .on_action = on_action,
    };
    return amp_test_decode(&amp_plugin_v1, &what);
}

static struct amp_output again; // what the second reading was written as

static void note_again(void *context, const struct amp_message *action, const char *rejected)
{
    const struct message *message = (const struct message *)action;
    (void)context;
    if (rejected != NULL)
        return;
    again = written(message);
}

/** Headers of one name stand together once they were written, so it is the second writing that must be the same. */
static void check_round_trip(void *context, const struct amp_message *action, const char *rejected)
{
    const struct message *message = (const struct message *)action;
    (void)context;
    if (rejected != NULL)
        return;
    struct amp_output first = written(message);
    require(first.length > 0 && memchr(first.bytes, '\n', first.length) == first.bytes + first.length - 1);
    char *text = read_again(first, note_again);
    if (first.length <= LINE_BYTES) {
        require(again.length == first.length && memcmp(again.bytes, first.bytes, first.length) == 0);
        amp_output_fini(&again);
    }
    free(text);
    amp_output_fini(&first);
}

/** How many values does an object hold, those in arrays too? */
static size_t count_values(json_t *object)
{
    size_t count = 0;
    for (void *item = json_object_iter(object); item != NULL; item = json_object_iter_next(object, item)) {
        json_t *value = json_object_iter_value(item);
        require(json_is_string(value) || (json_is_array(value) && json_array_size(value) > 1));
        count += json_is_string(value) ? 1 : json_array_size(value);
    }
    return count;
}

/** What is written of any message is read again as the same. */
static void check_encoder(const char *bytes, size_t length)
{
    struct message *message = any_message(bytes, length);
    struct amp_output out = written(message);
    json_t *object = json_loadb(out.bytes, out.length, JSON_REJECT_DUPLICATES, NULL);
    require(json_is_object(object) && count_values(object) == message->header_count);
    json_decref(object);
    amp_output_fini(&out);
    message_unref(message);
}

/** An event of a server is written as the same message of the proxy itself is, which goes the long way. Of responses,
 *  those of the proxy have more; the values of a built message with a header Action lose blanks. */
static void check_brief(const char *bytes, size_t length)
{
    static const char before[] = "Event: ", after[] = "\r\n\r\n";
    struct parser *parser = parser_create("pbx");
    struct message *message;
    size_t total = sizeof before - 1 + length + sizeof after - 1, room;
    char *to = parser_reserve(parser, total, &room);
    memcpy(to, before, sizeof before - 1);
    memcpy(to + sizeof before - 1, bytes, length);
    memcpy(to + sizeof before - 1 + length, after, sizeof after - 1);
    parser_commit(parser, total);
    while ((message = parser_next(parser)) != NULL) {
        struct message_builder builder;
        message_builder_init(&builder);
        for (uint32_t i = 0; i < message->header_count; i++)
            message_add_copy(&builder, message, i);
        struct message *copy = message_build(&builder);
        struct amp_output out = written(message), expected = written(copy);
        require(message->kind != MESSAGE_EVENT || copy->action >= 0 ||
                (out.length == expected.length && memcmp(out.bytes, expected.bytes, out.length) == 0));
        amp_output_fini(&out);
        amp_output_fini(&expected);
        message_unref(copy);
        message_unref(message);
    }
    parser_destroy(parser);
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
        .most_kept = LINE_BYTES,
        .on_action = check_round_trip,
    };
    char *whole = amp_test_decode(&amp_plugin_v1, &what);
    what.piece = piece;
    what.stop = true;
    what.on_action = NULL;
    char *cut = amp_test_decode(&amp_plugin_v1, &what);
    require(strcmp(whole, cut) == 0);
    free(whole);
    free(cut);
    check_encoder((const char *)data + 1, size - 1);
    check_brief((const char *)data + 1, size - 1);
    return 0;
}
