// plugins/standard/standard.c: AMI as Asterisk speaks it: lines of `Name: value`, a blank line after each message.
#include <astmanproxy/plugin.h>

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LINE_BYTES 1022     // longest line that Asterisk reads, without its end
#define ID_LINE_BYTES 8192  // longest ActionID line, which is not sent to servers
#define MESSAGE_LINES 128   // most lines of a message that Asterisk reads
#define SKIPPED_BYTES 65536 // most bytes of one message that are read and not kept

/** State of one client's input. A line that is not complete stays with the program, so it is not here. */
struct decoder {
    size_t skipped;    // bytes of this message that were not kept
    unsigned lines;    // lines of this message
    bool skipping;     // inside a line that is too long
    bool line_seen;    // a first line has come
    bool message_seen; // a first message is complete
    bool failed;       // the stream is not AMI: no more bytes are read
};

static void standard_encode(const struct amp_message *message, struct amp_output *out)
{
    struct amp_bytes text = amp_message_text(message);
    amp_output_write(out, text.bytes, text.length);
}

static void *decoder_create(void)
{
    return calloc(1, sizeof(struct decoder));
}

static void decoder_destroy(void *decoder)
{
    free(decoder);
}

static bool starts_with(struct amp_bytes line, const char *prefix)
{
    size_t length = strlen(prefix);
    return line.length >= length && strncasecmp(line.bytes, prefix, length) == 0;
}

static bool is_http(struct amp_bytes line)
{
    static const char *const methods[] = {"GET ",    "POST ",  "HEAD ",    "PUT ",   "OPTIONS ",
                                          "DELETE ", "PATCH ", "CONNECT ", "TRACE ", "PRI "};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (line.length >= strlen(methods[i]) && memcmp(line.bytes, methods[i], strlen(methods[i])) == 0)
            return true;
    }
    return false;
}

static void standard_fail(struct decoder *decoder, struct amp_input *input, const char *reason)
{
    decoder->failed = true;
    amp_input_fail(input, reason);
}

/** Counts bytes that are not kept, as a message that consists of them must end, too. */
static void count_skipped(struct decoder *decoder, size_t count, struct amp_input *input)
{
    decoder->skipped += count;
    if (decoder->skipped > SKIPPED_BYTES)
        standard_fail(decoder, input, "Message too long");
}

/** Says why a line is not a header; NULL: it is. @param colon  its colon, or NULL */
static const char *fault_of(struct amp_bytes line, const char *colon)
{
    if (memchr(line.bytes, '\r', line.length) != NULL || memchr(line.bytes, '\0', line.length) != NULL)
        return "Failed to parse message: carriage return or NUL within a line";
    if (colon == NULL)
        return "Failed to parse message: no colon in a line";
    if (colon == line.bytes)
        return "Failed to parse message: a header without a name";
    for (const char *byte = line.bytes; byte < colon; byte++) {
        if ((unsigned char)*byte <= ' ' || *byte == 0x7f)
            return "Failed to parse message: blank or control byte in the name of a header";
    }
    return NULL;
}

/** Has the line a CR or a NUL? */
static bool has_stray_byte(struct amp_bytes line)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t found = 0, word;

    for (size_t i = 0; line.length >= sizeof word && i < line.length; i += sizeof word) {
        size_t at = i + sizeof word <= line.length ? i : line.length - sizeof word; // the last overlap those before
        memcpy(&word, line.bytes + at, sizeof word);
        uint64_t other = word ^ '\r' * ones;
        found |= ((word - ones) & ~word) | ((other - ones) & ~other);
    }
    for (size_t i = 0; line.length < sizeof word && i < line.length; i++)
        found |= line.bytes[i] == '\r' || line.bytes[i] == '\0' ? 0x80 : 0;
    return (found & 0x80 * ones) != 0;
}

/** Returns the first byte that cannot be part of a header's name. Behind the line is its end, which cannot. */
static const char *name_end(struct amp_bytes line)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const char *byte = line.bytes;
    uint64_t word, found;

    for (size_t left = line.length; left >= sizeof word; left -= sizeof word, byte += sizeof word) {
        memcpy(&word, byte, sizeof word);
        word = le64toh(word);
        uint64_t del = word ^ 0x7f * ones, colon = word ^ ':' * ones;
        found = ((word - (' ' + 1) * ones) & ~word) | ((del - ones) & ~del) | ((colon - ones) & ~colon);
        found &= 0x80 * ones; // of the bits, the lowest is right
        if (found != 0)
            return byte + __builtin_ctzll(found) / 8;
    }
    while ((unsigned char)*byte > ' ' && *byte != 0x7f && *byte != ':')
        byte++;
    return byte;
}

/** Handles a line that is not blank, without its end. */
static void read_header(struct decoder *decoder, struct amp_bytes line, struct amp_input *input)
{
    if (!decoder->message_seen && starts_with(line, "Host:")) {
        standard_fail(decoder, input, "This is AMI, not HTTP");
        return;
    }
    const char *colon = name_end(line);
    const char *fault = NULL;
    if (*colon != ':' || colon == line.bytes || has_stray_byte(line))
        fault = fault_of(line, memchr(line.bytes, ':', line.length));
    if (fault != NULL) {
        amp_input_reject(input, fault);
        count_skipped(decoder, line.length, input);
        return;
    }
    const char *end = line.bytes + line.length;
    const char *value = colon + 1;
    while (value < end && (unsigned char)*value <= ' ')
        value++;
    amp_input_header(input, (struct amp_bytes){line.bytes, (size_t)(colon - line.bytes)},
                     (struct amp_bytes){value, (size_t)(end - value)});
}

/** Handles the blank line. @return false: stop decoding now */
static bool end_message(struct decoder *decoder, struct amp_input *input)
{
    if (decoder->lines > 0)
        decoder->message_seen = true;
    decoder->lines = 0;
    decoder->skipped = 0;
    return amp_input_end(input);
}

/** Handles what is known of a line before it is complete. */
static inline void begin_line(struct decoder *decoder, struct amp_bytes line, struct amp_input *input)
{
    if (!decoder->line_seen && is_http(line))
        standard_fail(decoder, input, "This is AMI, not HTTP");
    decoder->line_seen = true;
    if (++decoder->lines > MESSAGE_LINES)
        amp_input_reject(input, "Too many lines in message or allocation failure");
}

/** Skips up to the end of the line. @return bytes used */
static size_t standard_skip(struct decoder *decoder, const char *bytes, size_t length, struct amp_input *input)
{
    const char *end = memchr(bytes, '\n', length);
    size_t used = end == NULL ? length : (size_t)(end - bytes) + 1;
    decoder->skipping = end == NULL;
    count_skipped(decoder, used, input);
    return used;
}

/** Reads a whole action that is there and written as nearly all are. Not the first, which may show that the client
 * speaks something else. @return bytes used, 0: read it line by line; `*go_on` is false: stop decoding now */
static inline size_t read_action(const struct decoder *decoder, const char *bytes, size_t length,
                                 struct amp_input *input, bool *go_on)
{
    if (!decoder->message_seen || decoder->lines > 0 || decoder->skipping)
        return 0;
    return amp_input_text(input, bytes, length, go_on);
}

/** Reads one line. @return bytes used, 0 if the line is not complete yet; `*go_on` is false: stop decoding now */
static inline size_t read_line(struct decoder *decoder, const char *bytes, size_t length, struct amp_input *input,
                               bool *go_on)
{
    const char *end = memchr(bytes, '\n', length);
    struct amp_bytes line = {bytes, end == NULL ? length : (size_t)(end - bytes)};
    if (line.length > 0 && bytes[line.length - 1] == '\r')
        line.length--; // also of an incomplete line, whose CR may be half of its end
    if (line.length > LINE_BYTES && (line.length > ID_LINE_BYTES || !starts_with(line, "ActionID:"))) {
        begin_line(decoder, line, input);
        amp_input_reject(input, "Failed to parse message: line too long");
        return standard_skip(decoder, bytes, length, input);
    }
    if (end == NULL)
        return 0;
    if (line.length == 0) {
        *go_on = end_message(decoder, input);
    } else {
        begin_line(decoder, line, input);
        if (!decoder->failed)
            read_header(decoder, line, input);
    }
    return (size_t)(end - bytes) + 1;
}

static size_t standard_decode(void *state, const char *bytes, size_t length, struct amp_input *input)
{
    struct decoder *decoder = state;
    size_t used = 0;
    bool go_on = true;
    while (go_on && used < length && !decoder->failed) {
        size_t count = read_action(decoder, bytes + used, length - used, input, &go_on);
        if (count == 0 && decoder->skipping)
            count = standard_skip(decoder, bytes + used, length - used, input);
        else if (count == 0)
            count = read_line(decoder, bytes + used, length - used, input, &go_on);
        if (count == 0)
            return used;
        used += count;
    }
    return decoder->failed ? length : used;
}

AMP_EXPORT const struct amp_plugin amp_plugin_v1 = {
    .size = sizeof(struct amp_plugin),
    .abi_minor = AMP_ABI_MINOR,
    .name = "standard",
    .capabilities = AMP_CAN_ENCODE | AMP_CAN_DECODE | AMP_WANTS_BANNER | AMP_ENCODES_TEXT,
    .content_type = "text/plain",
    .encode = standard_encode,
    .decoder_create = decoder_create,
    .decoder_destroy = decoder_destroy,
    .decode = standard_decode,
};
