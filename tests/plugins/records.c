// tests/plugins/records.c: a format of bytes, both ways: 0xA5, the length of what follows (two bytes, high one first),
// and headers as `name 0x00 value 0x00`.
#include <astmanproxy/plugin.h>

#include <string.h>

#define MARK '\xa5'
#define HEAD 3
#define BODY 65535 // most bytes of a record

static size_t copy(char *to, size_t used, struct amp_bytes from)
{
    if (from.length >= BODY - used)
        return used;
    if (from.length > 0)
        memcpy(to + used, from.bytes, from.length);
    to[used + from.length] = '\0';
    return used + from.length + 1;
}

static void encode(const struct amp_message *message, struct amp_output *out)
{
    char body[BODY];
    struct amp_bytes name, value;
    size_t used = 0;

    for (uint32_t i = 0; i < amp_message_count(message); i++) {
        amp_message_header(message, i, &name, &value);
        used = copy(body, copy(body, used, name), value);
    }
    const char head[HEAD] = {MARK, (char)(used >> 8), (char)(used & 0xff)};
    amp_output_write(out, head, HEAD);
    amp_output_write(out, body, used);
}

/** The text up to the next NUL. */
static struct amp_bytes next(const char *bytes, size_t length, size_t *at)
{
    const char *end = memchr(bytes + *at, '\0', length - *at);
    struct amp_bytes text = {bytes + *at, end == NULL ? length - *at : (size_t)(end - bytes) - *at};

    *at += text.length + (end == NULL ? 0 : 1);
    return text;
}

static size_t decode(void *decoder, const char *bytes, size_t length, struct amp_input *input)
{
    (void)decoder;
    if (length < HEAD)
        return 0;
    if (bytes[0] != MARK) {
        amp_input_fail(input, "No record begins here");
        return length;
    }
    size_t size = (size_t)(unsigned char)bytes[1] << 8 | (unsigned char)bytes[2];
    if (length - HEAD < size)
        return 0;
    for (size_t at = 0; at < size;) {
        struct amp_bytes name = next(bytes + HEAD, size, &at);
        struct amp_bytes value = next(bytes + HEAD, size, &at);
        amp_input_header(input, name, value);
    }
    amp_input_end(input);
    return HEAD + size;
}

static enum amp_guess recognise(const char *bytes, size_t length)
{
    (void)length;
    return bytes[0] == MARK ? AMP_GUESS_YES : AMP_GUESS_NO;
}

AMP_EXPORT const struct amp_plugin amp_plugin_v1 = {
    .size = sizeof(struct amp_plugin),
    .abi_minor = AMP_ABI_MINOR,
    .name = "records",
    .capabilities = AMP_CAN_ENCODE | AMP_CAN_DECODE,
    .content_type = "application/octet-stream",
    .encode = encode,
    .decode = decode,
    .recognise = recognise,
};
