// examples/plugin-logfmt/logfmt.c: messages as logfmt, one a line: Event=Hangup Channel=SIP/1 Cause-txt="Call Rejected"
#include <astmanproxy/plugin.h>

#include <stdio.h>
#include <string.h>

#define LINE_BYTES 16384 // longest line of a client, without its end
#define NAME_BYTES 64    // longest name by which a client's first line is recognised

/** `logfmt: {names: keep|lower}`. Written by logfmt_configure(), before there are threads; only read afterwards. */
static bool lower_names;

static bool logfmt_configure(struct amp_settings *settings)
{
    static const char *const choices[] = {"keep", "lower", NULL};
    lower_names = amp_settings_choice(settings, "names", choices, 0) == 1;
    return true; // a wrong value is the program's to report
}

// --- writing --------------------------------------------------------------------------------------------------------

static bool is_control(char byte)
{
    return (unsigned char)byte < ' ' || byte == 0x7f;
}

/** May the byte stand outside of quotes? Bytes of UTF-8, or of what else a server sends, may. */
static bool is_bare(char byte)
{
    return !is_control(byte) && byte != ' ' && byte != '=' && byte != '"' && byte != '\\';
}

/** How many of the first bytes of `text` may stand outside of quotes. */
static size_t bare_length(struct amp_bytes text)
{
    size_t length = 0;
    while (length < text.length && is_bare(text.bytes[length]))
        length++;
    return length;
}

/** A name cannot be quoted: what may not stand in it becomes `_`. */
static void put_name(struct amp_output *out, struct amp_bytes name)
{
    for (size_t i = 0; i < name.length; i++) {
        char byte = is_bare(name.bytes[i]) ? name.bytes[i] : '_';
        if (lower_names && byte >= 'A' && byte <= 'Z')
            byte = (char)(byte - 'A' + 'a');
        amp_output_write(out, &byte, 1);
    }
}

static void put_escaped(struct amp_output *out, char byte)
{
    char text[8];
    int length = byte == '"' || byte == '\\' ? snprintf(text, sizeof text, "\\%c", byte)
                                             : snprintf(text, sizeof text, "\\u%04x", (unsigned char)byte);
    amp_output_write(out, text, (size_t)length);
}

/** Writes runs of bytes, not one by one: values can be long. */
static void put_quoted(struct amp_output *out, struct amp_bytes text)
{
    size_t start = 0;
    amp_output_write(out, "\"", 1);
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.bytes[i];
        if (byte != '"' && byte != '\\' && !is_control(byte))
            continue;
        amp_output_write(out, text.bytes + start, i - start);
        put_escaped(out, byte);
        start = i + 1;
    }
    amp_output_write(out, text.bytes + start, text.length - start);
    amp_output_write(out, "\"", 1);
}

static void logfmt_encode(const struct amp_message *message, struct amp_output *out)
{
    uint32_t count = amp_message_count(message);
    for (uint32_t i = 0; i < count; i++) {
        struct amp_bytes name;
        struct amp_bytes value;
        amp_message_header(message, i, &name, &value);
        if (name.length == 0) // the line of a text answer, which has no name
            name = (struct amp_bytes){"text", 4};
        if (i > 0)
            amp_output_write(out, " ", 1);
        put_name(out, name);
        amp_output_write(out, "=", 1);
        if (value.length > 0 && bare_length(value) == value.length)
            amp_output_write(out, value.bytes, value.length);
        else
            put_quoted(out, value);
    }
    amp_output_write(out, "\n", 1);
}

// --- reading: what is left of the line being read, and what went wrong with it --------------------------------------

struct line {
    struct amp_bytes rest;
    const char *fault; // why the line is no action; NULL: it is one so far. Static text
};

static bool line_starts(const struct line *line, char byte)
{
    return line->rest.length > 0 && line->rest.bytes[0] == byte;
}

static void line_skip(struct line *line, size_t count)
{
    line->rest.bytes += count;
    line->rest.length -= count;
}

static struct amp_bytes line_take(struct line *line, size_t count)
{
    struct amp_bytes taken = {line->rest.bytes, count};
    line_skip(line, count);
    return taken;
}

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F')
        return byte - 'A' + 10;
    return -1;
}

/** Reads the four digits of `\u00XX`, for a byte below 0x80: others are written as they are. */
static char line_take_number(struct line *line)
{
    int number = 0;
    if (line->rest.length < 4)
        line->fault = "Failed to parse logfmt: wrong escape";
    for (size_t i = 0; i < 4 && line->fault == NULL; i++) {
        int digit = hex_digit(line->rest.bytes[i]);
        number = number * 16 + digit;
        if (digit < 0 || number > 0x7f)
            line->fault = "Failed to parse logfmt: wrong escape";
    }
    if (line->fault == NULL)
        line_skip(line, 4);
    return (char)number;
}

static char line_take_escape(struct line *line)
{
    char byte = line->rest.length > 0 ? line_take(line, 1).bytes[0] : '\0';
    switch (byte) {
    case '"':
    case '\\':
        return byte;
    case 'n':
        return '\n'; // the program refuses it: a header is one line
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'u':
        return line_take_number(line);
    default:
        line->fault = "Failed to parse logfmt: wrong escape";
        return '\0';
    }
}

/** Reads a quoted value up to its closing quote. @param buffer  room for the whole line */
static struct amp_bytes line_take_quoted(struct line *line, char *buffer)
{
    size_t length = 0;
    line_skip(line, 1);
    while (line->rest.length > 0 && line->fault == NULL) {
        char byte = line_take(line, 1).bytes[0];
        if (byte == '"')
            return (struct amp_bytes){buffer, length};
        buffer[length++] = byte == '\\' ? line_take_escape(line) : byte;
    }
    if (line->fault == NULL)
        line->fault = "Failed to parse logfmt: a quote is missing at the end";
    return (struct amp_bytes){buffer, 0};
}

/** Reads `name=value` and hands it on. @param buffer  room for the whole line */
static void read_pair(struct line *line, char *buffer, struct amp_input *input)
{
    struct amp_bytes name = line_take(line, bare_length(line->rest));
    if (name.length == 0 || !line_starts(line, '=')) {
        line->fault = "Failed to parse logfmt: expected name=value";
        return;
    }
    line_skip(line, 1);
    struct amp_bytes value =
        line_starts(line, '"') ? line_take_quoted(line, buffer) : line_take(line, bare_length(line->rest));
    if (line->fault == NULL && line->rest.length > 0 && !line_starts(line, ' '))
        line->fault = "Failed to parse logfmt: expected a blank after a value";
    if (line->fault == NULL)
        amp_input_header(input, name, value);
}

/** Reads one line, without its end. @return false: stop decoding now */
static bool read_line(struct amp_bytes bytes, struct amp_input *input)
{
    char buffer[LINE_BYTES];
    struct line line = {bytes, NULL};
    if (bytes.length > 0 && bytes.bytes[bytes.length - 1] == '\r')
        line.rest.length--;
    while (line.rest.length > 0 && line.fault == NULL) {
        if (line_starts(&line, ' '))
            line_skip(&line, 1);
        else
            read_pair(&line, buffer, input);
    }
    if (line.fault != NULL)
        amp_input_reject(input, line.fault);
    return amp_input_end(input); // of an empty line: nothing happens
}

/** Without a state: a line that is not complete stays with the program and comes again. */
static size_t logfmt_decode(void *decoder, const char *bytes, size_t length, struct amp_input *input)
{
    (void)decoder;
    size_t used = 0;
    bool go_on = true;
    while (go_on && used < length) {
        const char *end = memchr(bytes + used, '\n', length - used);
        size_t line_length = end == NULL ? length - used : (size_t)(end - bytes) - used;
        if (line_length > LINE_BYTES) {
            amp_input_fail(input, "Message too long"); // also if its end is still to come: it must not be awaited
            return length;
        }
        if (end == NULL)
            return used;
        go_on = read_line((struct amp_bytes){bytes + used, line_length}, input);
        used += line_length + 1;
    }
    return used;
}

/** The last line needs no end. Whole lines may stand before it: logfmt_decode() had to stop early. */
static void logfmt_finish(void *decoder, const char *bytes, size_t length, struct amp_input *input)
{
    size_t used = 0;
    for (size_t count = 1; count > 0 && used < length; used += count)
        count = logfmt_decode(decoder, bytes + used, length - used, input);
    read_line((struct amp_bytes){bytes + used, length - used}, input);
}

/** `Action=`: an AMI client writes `Action:`, a browser `GET /`. */
static enum amp_guess logfmt_recognise(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length && i < NAME_BYTES; i++) {
        char byte = bytes[i];
        bool is_letter = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
        if (i > 0 && byte == '=')
            return AMP_GUESS_YES;
        if (!is_letter && (i == 0 || (byte != '-' && byte != '_')))
            return AMP_GUESS_NO;
    }
    return length < NAME_BYTES ? AMP_GUESS_MAYBE : AMP_GUESS_NO;
}

AMP_EXPORT const struct amp_plugin amp_plugin_v1 = {
    .size = sizeof(struct amp_plugin),
    .abi_minor = AMP_ABI_MINOR,
    .name = "logfmt",
    .capabilities = AMP_CAN_ENCODE | AMP_CAN_DECODE,
    .content_type = "text/plain",
    .encode = logfmt_encode,
    .decode = logfmt_decode,
    .finish = logfmt_finish,
    .recognise = logfmt_recognise,
    .configure = logfmt_configure,
};
