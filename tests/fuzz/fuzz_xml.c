// tests/fuzz/fuzz_xml.c: the xml format's decoder reads the same however its bytes are cut and however often the
// session stops it, and lets nothing through that could be two lines; what the encoder writes of any bytes is read
// again.
#include "plugins/xml/decode.c"
#include "plugins/xml/encode.c"
#include "plugins/xml/xml.c"

#include "ami/message.h"
#include "plugin/host.h"

#include <astmanproxy/testing.h>
#include <stdlib.h>

#define BYTE_LIMIT 65536

/** No line end must be left in an action, nor a name be empty. */
static void check_usable(void *context, const struct amp_message *action, const char *rejected)
{
    const struct message *message = (const struct message *)action;
    (void)context;
    if (rejected != NULL)
        return;
    for (uint32_t i = 0; i < message->header_count; i++) {
        struct span name, value;
        message_header(message, i, &name, &value);
        if (name.length == 0 || memchr(value.bytes, '\n', value.length) != NULL ||
            memchr(value.bytes, '\r', value.length) != NULL || memchr(value.bytes, '\0', value.length) != NULL)
            abort();
    }
}

/** Forgets why the stream failed: of two reasons the one that is seen first depends on the pieces. */
static void drop_reason(char *text)
{
    size_t length = strlen(text);
    if (length > 0 && text[length - 1] == '}')
        strrchr(text, '{')[1] = '\0';
}

static void check_pieces(const char *bytes, size_t length, size_t piece, bool finish)
{
    struct amp_test_client what = {.bytes = bytes,
                                   .length = length,
                                   .finish = finish,
                                   .most_bytes = BYTE_LIMIT,
                                   .most_kept = 1,
                                   .on_action = check_usable};
    char *whole = amp_test_decode(&amp_plugin_v1, &what);
    what.piece = piece;
    what.stop = true;
    char *cut = amp_test_decode(&amp_plugin_v1, &what);
    drop_reason(whole);
    drop_reason(cut);
    bool is_same = strcmp(whole, cut) == 0;
    if (!is_same && length <= TOKEN_BYTES) // a longer token is refused in pieces, and may pass when it is there whole
        abort();
    free(whole);
    free(cut);
}

static bool count_message(void *context, struct message *message, const char *rejected)
{
    unsigned *count = context;
    (void)rejected; // a line end may be in it
    (*count)++;
    message_unref(message);
    return true;
}

/** What the encoder makes of a header, and of a line that is none, has to be XML. */
static void check_encoding(struct span name, struct span value)
{
    static const char root[] = "<AsteriskManagerInput>", end[] = "</AsteriskManagerInput>";
    struct message_builder builder;
    struct amp_output document = {0};
    struct amp_input input;
    unsigned count = 0;
    message_builder_init(&builder);
    message_add(&builder, name, value);
    message_add_line(&builder, value);
    struct message *message = message_build(&builder);
    message_builder_fini(&builder);
    amp_output_write(&document, root, sizeof root - 1);
    for (uint32_t i = 0; i < amp_message_count(amp_message_of(message)); i++) {
        struct writer writer = {.out = &document};
        struct amp_bytes header_name, header_value;
        amp_message_header(amp_message_of(message), i, &header_name, &header_value);
        put_header(&writer, header_name, header_value);
        xml_flush(&writer);
    }
    amp_output_write(&document, end, sizeof end - 1);
    amp_input_init(&input, SIZE_MAX, count_message, &count);
    void *decoder = xml_decoder_create();
    (void)xml_decode(decoder, document.bytes, document.length, &input);
    if ((input.failed != NULL && strcmp(input.failed, TOO_LONG) != 0) || (input.failed == NULL && count != 1))
        abort();
    xml_decoder_destroy(decoder);
    amp_input_fini(&input);
    amp_output_fini(&document);
    message_unref(message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const char *bytes = (const char *)data + 1;
    size_t length = size - 1;
    size_t name_length = data[0] % 8 < length ? data[0] % 8 : length;
    check_pieces(bytes, length, 1 + data[0] % 64, data[0] >= 128); // the first byte says how the rest is cut
    check_encoding((struct span){bytes, name_length}, (struct span){bytes + name_length, length - name_length});
    (void)xml_recognise(bytes, length);
    return 0;
}
