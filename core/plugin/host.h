// core/plugin/host.h: the program's side of the functions that plugins call (astmanproxy/plugin.h): the outputs that
// receive encoded bytes, and the inputs that receive decoded headers. `struct amp_message` is `struct message`.
// Thread: an output or input belongs to one worker; messages are immutable.
#ifndef PLUGIN_HOST_H
#define PLUGIN_HOST_H

#include "ami/message.h"
#include "astmanproxy/plugin.h"

/** Bytes of an encoder. All zero: empty. To use it again, call amp_output_begin(), or set `length` to 0. */
struct amp_output {
    char *bytes;
    size_t length, capacity;
    size_t limit; // most bytes that are accepted; 0: any number
    bool is_lent; // `bytes` belong to somebody else; more than `capacity` go to memory of its own
    bool broken;  // the encoder wrote more than `limit`, or passed NULL: the bytes must not be used
};

/** Empties the output for an encoder or a frame that is given `given` bytes. The limit is ample, even if each byte is
 *  escaped. */
void amp_output_begin(struct amp_output *out, size_t given);
/** Frees the bytes. The output is empty and may be used again. */
void amp_output_fini(struct amp_output *out);

/** Takes a complete action. @param message  taken; without headers if the action was rejected without any
 *  @param rejected  why the action cannot be used, to be answered by an Error; NULL: it can
 *  @return false: the session accepts no more for now */
typedef bool amp_input_handler(void *context, struct message *message, const char *rejected);

/** The action that a decoder is reading. The session owns it. */
struct amp_input {
    struct message_builder builder; // the headers so far
    uint64_t header_limit;          // most headers of one message; no limit until it is set
    size_t byte_limit;              // most bytes of one message on the wire
    size_t bytes_used;              // bytes of the action so far
    const char *rejected;           // why the action is unusable, static text; NULL: it is usable
    const char *failed;             // why the stream is unusable, static text, never cleared; NULL: it is usable
    bool named;                     // the action has an ActionID
    bool looking;                   // `failed` by a limit, and the ActionID may be in the rest of the message
    bool over;                      // `failed`, and the message has ended
    size_t passed;                  // bytes of headers since `failed` was set
    const char *broken;             // which rule of the ABI the plugin broke (`failed` is set, too); NULL: none
    amp_input_handler *on_message;
    void *context; // of on_message
};

/** Makes an empty input. @param byte_limit  most bytes of one message */
void amp_input_init(struct amp_input *input, size_t byte_limit, amp_input_handler *on_message, void *context);
/** Ends the decoding of a block of bytes: gives the memory for headers to `spare`, or frees it if `spare` has some or
 * if it is large. The memory of an incomplete action stays. */
void amp_input_rest(struct amp_input *input, struct message_builder *spare);
/** Begins it: gives an input that has no memory for headers the memory of `spare`. */
void amp_input_begin(struct amp_input *input, struct message_builder *spare);
/** Takes the headers of the action that made the input fail, in particular its ActionID, as a message of the caller.
 *  The input is empty afterwards. */
struct message *amp_input_failed(struct amp_input *input);
/** Turns a failed action into a rejected one, for protocols whose documents are independent of each other. Does nothing
 *  if there is none, or if the plugin broke a rule of the ABI. */
void amp_input_recover(struct amp_input *input);
/** Frees the input with an incomplete action. */
void amp_input_fini(struct amp_input *input);

/** Returns the message as encoders see it. Lent. */
static inline const struct amp_message *amp_message_of(const struct message *message)
{
    return (const struct amp_message *)message;
}

#endif
