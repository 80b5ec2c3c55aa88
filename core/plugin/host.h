// core/plugin/host.h: the program's side of the functions that plugins call (astmanproxy/plugin.h): where encoded
// bytes go and where decoded headers come from. `struct amp_message` is `struct message`.
// Thread: an output or input belongs to one worker; messages are immutable.
#ifndef PLUGIN_HOST_H
#define PLUGIN_HOST_H

#include "ami/message.h"
#include "astmanproxy/plugin.h"

/** Bytes that an encoder wrote. All zero is empty; reused by setting `length` to 0. */
struct amp_output {
    char *bytes;
    size_t length, capacity;
    size_t limit; // most bytes that make sense; 0: any number
    bool broken;  // the encoder wrote more, or bytes that are nowhere: what it wrote is of no use
};

/** Frees the bytes; the output is empty and may be used again. */
void amp_output_fini(struct amp_output *out);

/** Takes a complete action. @param message  the callee's from here on; without headers if only a reject was said
 *  @param rejected  NULL, or why the action cannot be used: answer it with an Error
 *  @return false: the session takes no more for now */
typedef bool amp_input_handler(void *context, struct message *message, const char *rejected);

/** The action that a decoder is reading. The session owns it. */
struct amp_input {
    struct message_builder builder; // of the action so far
    uint64_t header_limit;          // most headers of one message; any number until somebody sets it
    size_t byte_limit;              // most bytes of one message, as it would stand on the wire
    size_t bytes_used;              // of the action so far
    const char *rejected;           // why the action so far is unusable; NULL: it is not. Static text
    const char *failed;             // why the stream is unusable; NULL: it is not. Static text; stays once it is set
    bool named;                     // it has an ActionID
    bool looking;                   // `failed` by a limit, and more of the message may come, with its ActionID
    bool over;                      // `failed`, and the message has ended
    size_t passed;                  // bytes of its headers since then
    const char *broken;             // what the plugin did that no plugin may; NULL: nothing. `failed` is set then, too
    amp_input_handler *on_message;
    void *context; // of on_message
};

void amp_input_init(struct amp_input *input, size_t byte_limit, amp_input_handler *on_message, void *context);
/** No more bytes for now: memory that only served to read many actions at once is given back. */
void amp_input_rest(struct amp_input *input);
/** What is known of the action that made the input fail, its ActionID above all: the caller's. The input is empty. */
struct message *amp_input_failed(struct amp_input *input);
/** Makes of an action that failed one that is rejected: for documents, of which each stands for itself. Nothing happens
 *  if none failed, or if the plugin is at fault. */
void amp_input_recover(struct amp_input *input);
/** Frees an action that is not complete. */
void amp_input_fini(struct amp_input *input);

/** The same message, as encoders see it. Borrowed. */
static inline const struct amp_message *amp_message_of(const struct message *message)
{
    return (const struct amp_message *)message;
}

#endif
