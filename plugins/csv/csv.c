// plugins/csv/csv.c: messages as CSV records (RFC 4180), one field per header: "Event: Hangup","Channel: SIP/1".
#include <astmanproxy/plugin.h>

#include <csv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define RECORD_BYTES 65536 // longest record
#define KEPT_BYTES 4096    // of the buffer for fields, between records
#define BOM "\xef\xbb\xbf"
#define BOM_BYTES 3

// Global: the settings of a plugin apply to the whole process. Written by csv_configure(), before other threads exist.
// `csv: {legacy: true}`: write records as astmanproxy 1 did.
static bool legacy;

/** State of one client's input. libcsv keeps the field that is not complete. */
struct decoder {
    struct csv_parser parser;
    struct amp_input *input; // during a call
    size_t record_bytes;     // bytes of the incomplete record; 0: none has begun
    bool record_ended;       // on_record() was called
    bool begun;              // the place of a byte-order mark has passed
    bool failed;             // no more bytes are read
};

static bool csv_configure(struct amp_settings *settings)
{
    legacy = amp_settings_flag(settings, "legacy", false);
    return true;
}

static void csv_put(struct amp_output *out, const char *bytes)
{
    amp_output_write(out, bytes, strlen(bytes));
}

/** Writes the inside of a quoted field. csv_write() would need the field in one piece and memory for the worst case,
 *  which is more code and two copies of every event. */
static void put_quoted(struct amp_output *out, struct amp_bytes text)
{
    while (text.length > 0) {
        const char *quote = memchr(text.bytes, '"', text.length);
        size_t count = quote == NULL ? text.length : (size_t)(quote - text.bytes) + 1;
        amp_output_write(out, text.bytes, count);
        if (quote != NULL)
            csv_put(out, "\"");
        text.bytes += count;
        text.length -= count;
    }
}

static void csv_encode(const struct amp_message *message, struct amp_output *out)
{
    const char *between = legacy ? "\", \"" : "\",\"";
    uint32_t count = amp_message_count(message);
    struct amp_bytes name;
    struct amp_bytes value;
    csv_put(out, "\"");
    for (uint32_t i = 0; i < count; i++) {
        amp_message_header(message, i, &name, &value);
        if (i > 0)
            csv_put(out, between);
        put_quoted(out, name);
        if (name.length > 0)
            csv_put(out, ": ");
        put_quoted(out, value);
    }
    csv_put(out, legacy ? "\"\r\n\r\n" : "\"\r\n");
}

static void *decoder_create(void)
{
    struct decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder != NULL)
        csv_init(&decoder->parser, CSV_STRICT | CSV_STRICT_FINI);
    return decoder;
}

static void decoder_destroy(void *state)
{
    struct decoder *decoder = state;
    csv_free(&decoder->parser);
    free(decoder);
}

/** For libcsv: one field, unquoted. */
static void on_field(void *bytes, size_t length, void *context)
{
    struct decoder *decoder = context;
    if (length == 0)
        return;
    struct amp_bytes field = {bytes, length};
    const char *colon = memchr(field.bytes, ':', length);
    if (colon == NULL) {
        amp_input_reject(decoder->input, "Failed to parse CSV: no colon in a field");
        return;
    }
    if (colon == field.bytes) {
        amp_input_reject(decoder->input, "Failed to parse CSV: a header without a name");
        return;
    }
    const char *value = colon + 1;
    const char *end = field.bytes + length;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    amp_input_header(decoder->input, (struct amp_bytes){field.bytes, (size_t)(colon - field.bytes)},
                     (struct amp_bytes){value, (size_t)(end - value)});
}

/** For libcsv: the record is complete. Only notes it, because the callback cannot stop libcsv. */
static void on_record(int character, void *context)
{
    (void)character;
    struct decoder *decoder = context;
    decoder->record_ended = true;
}

static void csv_fail(struct decoder *decoder, struct amp_input *input, const char *reason)
{
    decoder->failed = true;
    amp_input_fail(input, reason);
}

/** Looks for `"ActionID: …"` in the rest of an invalid record, for the answer. */
static void add_id(const char *bytes, size_t length, struct amp_input *input)
{
    static const char name[] = "ActionID:";
    const size_t name_length = sizeof name - 1;
    size_t line = 0;
    while (line < length && bytes[line] != '\r' && bytes[line] != '\n')
        line++;
    for (size_t i = 1; i + name_length < line; i++) {
        if ((bytes[i - 1] != '"' && bytes[i - 1] != ',') || strncasecmp(bytes + i, name, name_length) != 0)
            continue;
        size_t start = i + name_length;
        while (start < line && bytes[start] == ' ')
            start++;
        size_t end = start;
        while (end < line && bytes[end] != '"' && bytes[end] != ',')
            end++;
        amp_input_header(input, (struct amp_bytes){name, name_length - 1},
                         (struct amp_bytes){bytes + start, end - start});
        return;
    }
}

/** Completes an action. @return false: stop decoding now */
static bool end_record(struct decoder *decoder, struct amp_input *input)
{
    decoder->record_ended = false;
    decoder->record_bytes = 0;
    if (csv_get_buffer_size(&decoder->parser) > KEPT_BYTES)
        csv_free(&decoder->parser); // the next field makes a new one
    return amp_input_end(input);
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/** Returns the number of bytes for libcsv: up to the next line end, which may be the end of the record. */
static size_t piece_of(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '\r' || bytes[i] == '\n')
            return i + 1;
    }
    return length;
}

/** Reads on within a record, at most to its end. @return bytes used */
static size_t read_piece(struct decoder *decoder, const char *bytes, size_t length, struct amp_input *input)
{
    size_t room = RECORD_BYTES - decoder->record_bytes;
    if (room == 0) {
        csv_fail(decoder, input, "Message too long");
        add_id(bytes, length, input);
        return length;
    }
    size_t count = piece_of(bytes, length < room ? length : room);
    decoder->input = input;
    decoder->record_bytes += count;
    size_t parsed = csv_parse(&decoder->parser, bytes, count, on_field, on_record, decoder);
    if (parsed != count) {
        csv_fail(decoder, input,
                 csv_error(&decoder->parser) == CSV_EPARSE ? "Failed to parse CSV: a quote out of place"
                                                           : "Failed to parse CSV: out of memory");
        add_id(bytes + parsed, length - parsed, input);
    }
    return count;
}

/** Skips a byte-order mark at the beginning of the stream. @param wait  set to true if more bytes must decide
 *  @return bytes to skip */
static size_t skip_mark(struct decoder *decoder, const char *bytes, size_t length, bool *wait)
{
    bool like_mark = memcmp(bytes, BOM, length < BOM_BYTES ? length : BOM_BYTES) == 0;
    *wait = like_mark && length < BOM_BYTES;
    decoder->begun = !*wait;
    return like_mark && !*wait ? BOM_BYTES : 0;
}

static size_t csv_decode(void *state, const char *bytes, size_t length, struct amp_input *input)
{
    struct decoder *decoder = state;
    size_t used = 0;
    bool wait = false;
    if (!decoder->begun && length > 0)
        used = skip_mark(decoder, bytes, length, &wait);
    while (!wait && used < length && !decoder->failed) {
        if (decoder->record_bytes == 0 && is_blank(bytes[used])) {
            used++;
            continue;
        }
        used += read_piece(decoder, bytes + used, length - used, input);
        if (decoder->record_ended && !end_record(decoder, input))
            return used;
    }
    return decoder->failed ? length : used;
}

static void csv_finish(void *state, const char *bytes, size_t length, struct amp_input *input)
{
    struct decoder *decoder = state;
    size_t used = 0;
    if (length < BOM_BYTES)
        decoder->begun = true; // an incomplete mark at the end of the stream is not a mark
    for (size_t count = 1; count > 0 && used < length; used += count)
        count = csv_decode(decoder, bytes + used, length - used, input);
    if (decoder->failed)
        return;
    decoder->input = input;
    if (csv_fini(&decoder->parser, on_field, on_record, decoder) != 0)
        amp_input_reject(input, "Failed to parse CSV: a quote is missing at the end");
    amp_input_end(input);
}

static enum amp_guess csv_recognise(const char *bytes, size_t length)
{
    size_t mark = length < BOM_BYTES ? length : BOM_BYTES;
    for (size_t i = memcmp(bytes, BOM, mark) == 0 ? mark : 0; i < length; i++) {
        if (!is_blank(bytes[i]))
            return bytes[i] == '"' ? AMP_GUESS_YES : AMP_GUESS_NO;
    }
    return AMP_GUESS_MAYBE;
}

AMP_EXPORT const struct amp_plugin amp_plugin_v1 = {
    .size = sizeof(struct amp_plugin),
    .abi_minor = AMP_ABI_MINOR,
    .name = "csv",
    .capabilities = AMP_CAN_ENCODE | AMP_CAN_DECODE,
    .content_type = "text/csv",
    .encode = csv_encode,
    .decoder_create = decoder_create,
    .decoder_destroy = decoder_destroy,
    .decode = csv_decode,
    .finish = csv_finish,
    .recognise = csv_recognise,
    .configure = csv_configure,
};
