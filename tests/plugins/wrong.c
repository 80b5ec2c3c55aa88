// tests/plugins/wrong.c: a format that does what no format may: each line of a client says which wrong its decoder
// does, and a header `Wrong` of a message which its encoder does. Its settings `read_behind_block` and `overflow` make
// faults that only a sanitizer sees. Without any of these it works.
#include <astmanproxy/plugin.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static struct amp_bytes bytes_of(const char *text)
{
    return (struct amp_bytes){text, strlen(text)};
}

static bool is(const char *line, size_t length, const char *word)
{
    return length == strlen(word) && memcmp(line, word, length) == 0;
}

static bool refuses_to_begin;

/** Reads the byte behind a block of four. */
static bool reads_behind_block(void)
{
    char *volatile block = calloc(1, 4); // volatile: the compiler must not know how long it is
    bool is_set = block != NULL && block[4] != 0;

    free(block);
    return is_set;
}

static bool overflows(void)
{
    volatile int most = INT32_MAX, sum = most + 1;
    return sum > 0;
}

static bool configure(struct amp_settings *settings)
{
    refuses_to_begin = amp_settings_flag(settings, "refuse", false);
    if (amp_settings_flag(settings, "read_behind_block", false) && reads_behind_block())
        return false;
    return !amp_settings_flag(settings, "overflow", false) || !overflows();
}

static void *create(void)
{
    static int state;
    return refuses_to_begin ? NULL : &state;
}

static void destroy(void *decoder)
{
    (void)decoder;
}

static size_t decode(void *decoder, const char *bytes, size_t length, struct amp_input *input)
{
    const char *end = memchr(bytes, '\n', length);
    size_t line = end == NULL ? 0 : (size_t)(end - bytes);
    (void)decoder;

    if (end == NULL || is(bytes, line, "zero"))
        return 0;
    if (is(bytes, line, "more"))
        return length + 1;
    if (is(bytes, line, "most"))
        return SIZE_MAX;
    if (is(bytes, line, "negative"))
        return (size_t)-5;
    if (is(bytes, line, "null"))
        amp_input_header(input, bytes_of("Action"), (struct amp_bytes){NULL, 5});
    if (is(bytes, line, "nameless"))
        amp_input_header(input, (struct amp_bytes){NULL, 3}, bytes_of("x"));
    if (is(bytes, line, "huge"))
        amp_input_header(input, bytes_of("Action"), (struct amp_bytes){bytes, SIZE_MAX});
    if (is(bytes, line, "reject"))
        amp_input_reject(input, NULL);
    if (is(bytes, line, "fail"))
        amp_input_fail(input, NULL);
    if (is(bytes, line, "ping"))
        amp_input_header(input, bytes_of("Action"), bytes_of("Ping"));
    if (line > 6 && memcmp(bytes, "login ", 6) == 0) {
        amp_input_header(input, bytes_of("Action"), bytes_of("Login"));
        amp_input_header(input, bytes_of("Username"), bytes_of("dave"));
        amp_input_header(input, bytes_of("Secret"), (struct amp_bytes){bytes + 6, line - 6});
    }
    amp_input_end(input);
    return line + 1;
}

static void encode(const struct amp_message *message, struct amp_output *out)
{
    static const char block[4096];
    struct amp_bytes wrong, name, value, text = amp_message_text(message);
    const char *kind = amp_message_find(message, "Wrong", &wrong) ? wrong.bytes : "";

    if (is(kind, wrong.length, "much")) {
        for (int i = 0; i < 100000; i++)
            amp_output_write(out, block, sizeof block);
    } else if (is(kind, wrong.length, "most")) {
        amp_output_write(out, block, 1);
        amp_output_write(out, block, SIZE_MAX);
    } else if (is(kind, wrong.length, "null")) {
        amp_output_write(out, NULL, 10);
    } else if (is(kind, wrong.length, "nothing")) {
        return;
    } else if (is(kind, wrong.length, "index")) {
        amp_message_header(message, amp_message_count(message), &name, &value);
        amp_message_header(message, UINT32_MAX, &name, &value);
        if (name.length + value.length > 0 || amp_message_find(message, NULL, &value))
            return;
    }
    amp_output_write(out, text.bytes, text.length);
}

AMP_EXPORT const struct amp_plugin amp_plugin_v1 = {
    .size = sizeof(struct amp_plugin),
    .abi_minor = AMP_ABI_MINOR,
    .name = "wrong",
    .capabilities = AMP_CAN_ENCODE | AMP_CAN_DECODE,
    .content_type = "text/plain",
    .encode = encode,
    .decoder_create = create,
    .decoder_destroy = destroy,
    .decode = decode,
    .configure = configure,
};
