// plugins/json/decode.c: actions of a client, one JSON object a line.
#include "json.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LINE_BYTES 65536 // longest line
#define NUMBER_BYTES 64  // longest number as text
#define BOM "\xef\xbb\xbf"

/** State of one client's input. A line that is not complete stays with the program, so it is not here. */
struct decoder {
    size_t scanned; // bytes of the incomplete line that were searched for its end
    bool line_seen; // a first line has come
    bool failed;    // no more bytes are read
};

void *json_decoder_create(void)
{
    return calloc(1, sizeof(struct decoder));
}

void json_decoder_destroy(void *decoder)
{
    free(decoder);
}

static bool is_blank(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != ' ' && bytes[i] != '\t' && bytes[i] != '\r')
            return false;
    }
    return true;
}

/** Returns the text of the Error for a line that is not JSON. */
static const char *text_of_error(const json_error_t *error)
{
    switch (json_error_code(error)) {
    case json_error_invalid_utf8:
        return "Failed to parse JSON: no UTF-8";
    case json_error_duplicate_key:
        return "Failed to parse JSON: a key occurs twice";
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "Failed to parse JSON: NUL in a string";
    case json_error_numeric_overflow:
        return "Failed to parse JSON: a number is out of range";
    case json_error_stack_overflow:
        return "Failed to parse JSON: nested too deeply";
    case json_error_premature_end_of_input:
        return "Failed to parse JSON: the line ends before the object does";
    case json_error_end_of_input_expected:
        return "Failed to parse JSON: something follows the object";
    default:
        return "Failed to parse JSON: invalid syntax";
    }
}

/** Writes the shortest text for the number: the client's text, except for exponents and trailing zeros. */
static size_t real_to_text(const json_t *real, char text[static NUMBER_BYTES])
{
    for (size_t digits = 15;; digits++) {
        size_t length = json_dumpb(real, text, NUMBER_BYTES - 1, JSON_ENCODE_ANY | JSON_REAL_PRECISION(digits));
        text[length] = '\0';
        if (digits == 17 || strtod(text, NULL) == json_real_value(real)) // 17 are always enough
            return length;
    }
}

/** Finds the text of a value. @param number  room for that of a number @return NULL, or why it cannot be the value of a
 *  header */
static const char *text_of_value(const json_t *value, char number[static NUMBER_BYTES], struct amp_bytes *text)
{
    *text = (struct amp_bytes){number, 0};
    switch (json_typeof(value)) {
    case JSON_STRING:
        *text = (struct amp_bytes){json_string_value(value), json_string_length(value)};
        break;
    case JSON_INTEGER:
        text->length = (size_t)snprintf(number, NUMBER_BYTES, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        break;
    case JSON_REAL:
        text->length = real_to_text(value, number);
        break;
    case JSON_TRUE:
        *text = (struct amp_bytes){"true", 4};
        break;
    case JSON_FALSE:
        *text = (struct amp_bytes){"false", 5};
        break;
    case JSON_NULL:
        return "Failed to parse JSON: null is no value of a header";
    case JSON_OBJECT:
        return "Failed to parse JSON: an object is no value of a header";
    case JSON_ARRAY:
        return "Failed to parse JSON: an array within an array is no value of a header";
    }
    return NULL;
}

/** Passes one value on. @return NULL, or why it cannot be the value of a header */
static const char *add_value(struct amp_input *input, struct amp_bytes name, const json_t *value)
{
    char number[NUMBER_BYTES];
    struct amp_bytes text;
    const char *fault = text_of_value(value, number, &text);
    if (fault == NULL)
        amp_input_header(input, name, text);
    return fault;
}

/** Passes on `"Variable": {"A": "1", "B": "2"}`, one header for each variable. @return NULL, or why it cannot be used
 */
static const char *add_variables(struct amp_input *input, json_t *variables)
{
    const char *fault = NULL;
    char number[NUMBER_BYTES];
    struct amp_bytes text;
    for (void *item = json_object_iter(variables); item != NULL; item = json_object_iter_next(variables, item)) {
        struct amp_bytes name = {json_object_iter_key(item), json_object_iter_key_len(item)};
        const char *of_value = text_of_value(json_object_iter_value(item), number, &text);
        if (of_value == NULL)
            amp_input_variable(input, "Variable", name, text);
        else
            fault = "Failed to parse JSON: the value of a variable is a string, a number, true or false";
    }
    return fault;
}

static bool is_variable(struct amp_bytes name)
{
    static const char variable[] = "Variable";
    return name.length == sizeof variable - 1 && strncasecmp(name.bytes, variable, name.length) == 0;
}

/** Passes on the value or values of one key. @return NULL, or why they cannot be used */
static const char *add_values(struct amp_input *input, struct amp_bytes name, json_t *value)
{
    if (json_is_object(value) && is_variable(name))
        return add_variables(input, value);
    if (!json_is_array(value))
        return add_value(input, name, value);
    const char *fault = NULL;
    size_t index;
    json_t *element;
    json_array_foreach(value, index, element)
    {
        const char *of_element = add_value(input, name, element);
        fault = fault == NULL ? of_element : fault;
    }
    return fault;
}

/** Passes on all keys of an object, also after a fault, because the answer needs the ActionID. */
static void read_object(struct amp_input *input, json_t *object)
{
    bool empty = true;
    for (void *item = json_object_iter(object); item != NULL; item = json_object_iter_next(object, item)) {
        json_t *value = json_object_iter_value(item);
        struct amp_bytes name = {json_object_iter_key(item), json_object_iter_key_len(item)};
        const char *fault = name.length == 0 ? "Failed to parse JSON: a key is empty" : add_values(input, name, value);
        if (fault != NULL)
            amp_input_reject(input, fault);
        bool has_none =
            json_is_array(value) ? json_array_size(value) == 0 : json_is_object(value) && json_object_size(value) == 0;
        empty = empty && has_none;
    }
    if (empty)
        amp_input_reject(input, "Failed to parse JSON: the object is empty");
}

/** Is there a key `"ActionID"` at `at`? @return the offset of its value; 0: no */
static size_t find_value_of_id(const char *line, size_t at, size_t length)
{
    static const char key[] = "\"ActionID\"";
    size_t i = at + sizeof key - 1;
    if (i >= length || strncasecmp(line + at, key, sizeof key - 1) != 0)
        return 0;
    while (i < length && is_blank(line + i, 1))
        i++;
    return i < length && line[i] == ':' ? i + 1 : 0;
}

/** Looks for the ActionID in a line that is not JSON, for the answer. */
static void add_id(struct amp_input *input, const char *line, size_t length)
{
    static const struct amp_bytes name = {"ActionID", 8};
    for (size_t i = 0; i < length; i++) {
        size_t value_at = line[i] == '"' ? find_value_of_id(line, i, length) : 0;
        if (value_at == 0)
            continue;
        json_t *value = json_loadb(line + value_at, length - value_at, JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK, NULL);
        if (json_is_string(value) || json_is_number(value))
            add_value(input, name, value);
        json_decref(value);
        return;
    }
}

/** Takes one line without its end. @return false: stop decoding now. The decoder may be gone then */
static bool take_line(struct decoder *decoder, const char *line, size_t length, struct amp_input *input)
{
    if (!decoder->line_seen && length >= strlen(BOM) && memcmp(line, BOM, strlen(BOM)) == 0) {
        line += strlen(BOM);
        length -= strlen(BOM);
    }
    decoder->line_seen = true;
    if (is_blank(line, length))
        return true;
    json_error_t error;
    json_t *value = json_loadb(line, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (value == NULL) {
        amp_input_reject(input, text_of_error(&error));
        add_id(input, line, length);
    } else if (!json_is_object(value)) {
        amp_input_reject(input, "Failed to parse JSON: the line is no object");
    } else {
        read_object(input, value);
    }
    json_decref(value);
    return amp_input_end(input);
}

/** Fails because of an invalid line. @param line  its bytes so far, and possibly bytes after it */
static void json_fail(struct decoder *decoder, struct amp_input *input, const char *line, size_t length)
{
    decoder->failed = true;
    amp_input_fail(input, "Message too long");
    add_id(input, line, length);
}

size_t json_decode(void *state, const char *bytes, size_t length, struct amp_input *input)
{
    struct decoder *decoder = state;
    size_t used = 0;
    bool go_on = !decoder->failed;
    while (go_on && used < length) {
        const char *line = bytes + used;
        const char *end = memchr(line + decoder->scanned, '\n', length - used - decoder->scanned);
        size_t line_length = end == NULL ? length - used : (size_t)(end - line);
        if (line_length > LINE_BYTES) {
            json_fail(decoder, input, line, end == NULL ? length - used : line_length);
            break;
        }
        decoder->scanned = end == NULL ? line_length : 0;
        if (end == NULL)
            return used;
        used += line_length + 1;
        go_on = take_line(decoder, line, line_length, input);
        if (!go_on)
            return used;
    }
    return length;
}

void json_finish(void *state, const char *bytes, size_t length, struct amp_input *input)
{
    struct decoder *decoder = state;
    size_t used = 0;
    for (size_t count = 1; count > 0 && used < length; used += count) // until no complete line is left
        count = json_decode(decoder, bytes + used, length - used, input);
    if (used < length)
        take_line(decoder, bytes + used, length - used, input);
}

enum amp_guess json_recognise(const char *bytes, size_t length)
{
    size_t start = 0;
    size_t mark = length < strlen(BOM) ? length : strlen(BOM);
    if (memcmp(bytes, BOM, mark) == 0)
        start = mark;
    for (size_t i = start; i < length; i++) {
        if (bytes[i] == '{' || bytes[i] == '[')
            return AMP_GUESS_YES;
        if (bytes[i] != '\n' && !is_blank(bytes + i, 1))
            return AMP_GUESS_NO;
    }
    return AMP_GUESS_MAYBE;
}
