// core/plugin/host.c: the functions of astmanproxy/plugin.h for formats (see exports.list).
#include "plugin/host.h"

#include "ami/action_text.h"
#include "ami/arguments.h"
#include "ami/catalogue.h"
#include "base/memory.h"
#include "base/scan.h"

#include <stdlib.h>

#define LINE_OVERHEAD 4                // ": " and CR LF around a header
#define SPARE_BYTES 65536              // most memory for headers that is kept for the next action
#define ID_BYTES 8192                  // longest ActionID of an action that has failed
#define LEAST_OUTPUT ((size_t)1 << 20) // an encoder or frame may write at least this many bytes of any message
#define LONGEST_ESCAPE 16              // bytes for one byte of the message

static const struct message *message_of(const struct amp_message *message)
{
    return (const struct message *)message;
}

uint32_t amp_message_count(const struct amp_message *message)
{
    return message_of(message)->header_count;
}

void amp_message_header(const struct amp_message *message, uint32_t index, struct amp_bytes *name,
                        struct amp_bytes *value)
{
    struct span name_span = {0};
    struct span value_span = {0};
    if (index < amp_message_count(message)) // otherwise both are empty
        message_header(message_of(message), index, &name_span, &value_span);
    *name = (struct amp_bytes){name_span.bytes, name_span.length};
    *value = (struct amp_bytes){value_span.bytes, value_span.length};
}

struct amp_bytes amp_message_text(const struct amp_message *message)
{
    struct span wire = message_wire(message_of(message));
    return (struct amp_bytes){wire.bytes, wire.length};
}

bool amp_message_find(const struct amp_message *message, const char *name, struct amp_bytes *value)
{
    struct span found = {0};
    bool present = name != NULL && message_peek(message_of(message), name, &found); // a format may need no index
    *value = (struct amp_bytes){found.bytes, found.length};
    return present;
}

bool amp_message_is_own(const struct amp_message *message)
{
    return !message_of(message)->from_server;
}

bool amp_action_only_reads(struct amp_bytes action)
{
    return catalogue_only_reads((struct span){action.bytes, action.length});
}

void amp_output_write(struct amp_output *out, const char *bytes, size_t length)
{
    size_t limit = out->limit == 0 ? SIZE_MAX / 4 : out->limit;
    if (length == 0 || out->broken)
        return;
    if (bytes == NULL || length > limit - out->length) {
        out->broken = true;
        return;
    }
    if (length > out->capacity - out->length) {
        size_t wanted = out->length + length;
        const char *lent = out->is_lent ? out->bytes : NULL;
        out->capacity = out->capacity * 2 > wanted ? out->capacity * 2 : wanted;
        out->bytes = memory_grow(lent != NULL ? NULL : out->bytes, out->capacity);
        if (lent != NULL)
            memcpy(out->bytes, lent, out->length);
        out->is_lent = false;
    }
    memcpy(out->bytes + out->length, bytes, length);
    out->length += length;
}

void amp_output_begin(struct amp_output *out, size_t given)
{
    out->length = 0;
    out->broken = false;
    out->limit = given * LONGEST_ESCAPE + LEAST_OUTPUT;
}

void amp_output_fini(struct amp_output *out)
{
    free(out->bytes);
    *out = (struct amp_output){0};
}

void amp_input_init(struct amp_input *input, size_t byte_limit, amp_input_handler *on_message, void *context)
{
    *input = (struct amp_input){
        .byte_limit = byte_limit, .header_limit = UINT64_MAX, .on_message = on_message, .context = context};
    message_builder_init(&input->builder);
}

void amp_input_fini(struct amp_input *input)
{
    message_builder_fini(&input->builder);
}

void amp_input_begin(struct amp_input *input, struct message_builder *spare)
{
    if (input->builder.capacity > 0 || spare->capacity == 0)
        return;
    input->builder = *spare;
    message_builder_init(spare);
}

void amp_input_rest(struct amp_input *input, struct message_builder *spare)
{
    if (input->builder.count > 0)
        return;
    if (spare->capacity == 0 && input->builder.capacity <= SPARE_BYTES) {
        *spare = input->builder;
        message_builder_init(&input->builder);
    } else {
        message_builder_fini(&input->builder);
    }
}

/** Does the text contain a CR, LF or NUL, which would begin another header or end the text? */
static bool has_line_end(struct amp_bytes text)
{
    return scan_finds((struct span){text.bytes, text.length}, scan_has_line_end);
}

/** Ends the stream because the plugin broke a rule of the ABI. @param what  for the log */
static void host_break_off(struct amp_input *input, const char *what)
{
    if (input->broken == NULL)
        input->broken = what;
    amp_input_fail(input, "The input could not be read");
}

static bool is_id(struct amp_bytes name)
{
    return span_equals_nocase((struct span){name.bytes, name.length}, span_of("ActionID"));
}

/** Handles a header of an action that has failed: keeps only the ActionID, for the answer. */
static void host_look_for_id(struct amp_input *input, struct amp_bytes name, struct amp_bytes value)
{
    size_t room = input->byte_limit - input->passed; // subtracts one by one, as below
    if (name.length >= room || value.length >= room - name.length) {
        input->passed = input->byte_limit;
        input->looking = false;
        return;
    }
    input->passed += name.length + value.length;
    if (input->over || input->named || input->broken != NULL || name.bytes == NULL || value.bytes == NULL ||
        !is_id(name) || value.length > ID_BYTES || has_line_end(value))
        return;
    input->named = true;
    input->looking = false;
    message_add(&input->builder, span_of("ActionID"), (struct span){value.bytes, value.length});
}

/** Fails because a header exceeds a limit. The rest of the action is searched for the ActionID. */
static void host_exceed(struct amp_input *input, const char *reason, struct amp_bytes name, struct amp_bytes value)
{
    amp_input_fail(input, reason);
    input->looking = !input->named;
    host_look_for_id(input, name, value);
}

void amp_input_header(struct amp_input *input, struct amp_bytes name, struct amp_bytes value)
{
    if (input->failed != NULL) {
        host_look_for_id(input, name, value);
        return;
    }
    size_t room = input->byte_limit - input->bytes_used;
    if ((name.bytes == NULL && name.length > 0) || (value.bytes == NULL && value.length > 0)) {
        host_break_off(input, "amp_input_header() with a length, but no bytes");
        return;
    }
    if (input->builder.count >= input->header_limit) {
        host_exceed(input, "Too many headers", name, value);
        return;
    }
    // subtract one by one: the sum of a plugin's lengths may overflow
    if (room < LINE_OVERHEAD || name.length > room - LINE_OVERHEAD ||
        value.length > room - LINE_OVERHEAD - name.length) {
        host_exceed(input, "Message too long", name, value);
        return;
    }
    struct amp_bytes blanks = {value.bytes, 0};
    while (value.length > 0 && (unsigned char)*value.bytes <= ' ') { // left out, as Asterisk does
        value = (struct amp_bytes){value.bytes + 1, value.length - 1};
        blanks.length++;
    }
    if ((blanks.length > 0 && has_line_end(blanks)) ||
        !message_add_clean(&input->builder, (struct span){name.bytes, name.length},
                           (struct span){value.bytes, value.length})) {
        amp_input_reject(input, "Failed to parse message: line end or NUL within a header");
        return;
    }
    input->bytes_used += name.length + value.length + LINE_OVERHEAD;
    input->named = input->named || (value.length > 0 && is_id(name));
}

void amp_input_variable(struct amp_input *input, const char *header, struct amp_bytes name, struct amp_bytes value)
{
    static const struct span reserved = {"=,\"\\", 4};
    struct span variable = {name.bytes, name.length};
    bool is_name = name.bytes != NULL && name.length > 0 && value.length < input->byte_limit;

    for (size_t i = 0; is_name && i < name.length; i++)
        is_name = memchr(reserved.bytes, name.bytes[i], reserved.length) == NULL;
    if (header == NULL || (value.bytes == NULL && value.length > 0)) {
        host_break_off(input, "amp_input_variable() without a header, or with a length, but no bytes");
        return;
    }
    if (!is_name) {
        amp_input_reject(input, value.length < input->byte_limit
                                    ? "Failed to parse message: no name of a variable"
                                    : "Failed to parse message: the value of a variable is too long");
        return;
    }
    char *text = memory_new(name.length + 1 + 2 * value.length + 1);
    size_t length = arguments_assign(variable, (struct span){value.bytes, value.length}, text);
    amp_input_header(input, (struct amp_bytes){header, strlen(header)}, (struct amp_bytes){text, length});
    free(text);
}

void amp_input_reject(struct amp_input *input, const char *reason)
{
    if (reason == NULL)
        host_break_off(input, "amp_input_reject() without a reason");
    else if (input->failed == NULL && input->rejected == NULL)
        input->rejected = reason;
}

bool amp_input_end(struct amp_input *input)
{
    if (input->failed != NULL) {
        input->over = true;
        input->looking = false;
        return false;
    }
    if (input->builder.count == 0 && input->rejected == NULL)
        return true;
    const char *rejected = input->rejected;
    struct message *message = message_build_next(&input->builder);
    input->rejected = NULL; // before the call: the callee may end the session
    input->bytes_used = 0;
    input->named = false;
    return input->on_message(input->context, message, rejected);
}

size_t amp_input_text(struct amp_input *input, const char *bytes, size_t length, bool *go_on)
{
    size_t used = 0;

    if (input->failed != NULL || input->rejected != NULL || input->builder.count > 0)
        return 0;
    if (bytes == NULL) {
        if (length > 0)
            host_break_off(input, "amp_input_text() with a length, but no bytes");
        return 0;
    }
    struct span text = {bytes, length < input->byte_limit ? length : input->byte_limit};
    struct message *message = action_text_read(text, input->header_limit, &used);
    if (message == NULL)
        return 0;
    *go_on = input->on_message(input->context, message, NULL);
    return used;
}

void amp_input_fail(struct amp_input *input, const char *reason)
{
    if (reason == NULL)
        host_break_off(input, "amp_input_fail() without a reason");
    else if (input->failed == NULL)
        input->failed = reason;
}

struct message *amp_input_failed(struct amp_input *input)
{
    input->over = true;
    input->looking = false;
    return message_build_next(&input->builder);
}

void amp_input_recover(struct amp_input *input)
{
    if (input->failed == NULL || input->broken != NULL)
        return;
    const char *reason = input->rejected != NULL ? input->rejected : input->failed;
    struct message *message = amp_input_failed(input);
    input->failed = input->rejected = NULL;
    input->bytes_used = input->passed = 0;
    input->over = input->named = false;
    (void)input->on_message(input->context, message, reason);
}
