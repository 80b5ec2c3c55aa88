/* SPDX-License-Identifier: GPL-2.0-or-later */
/** astmanproxy/plugin.h: the interface of format plugins, and the only header that a plugin includes.
 *
 *  A plugin is a shared object NAME.so in `plugins.path`. It exports one data symbol, `amp_plugin_v1`, and calls the
 *  amp_* functions below, which the program itself exports; there is nothing to link against.
 *
 *  Threads: a plugin is called on any worker, on several at once. encode() is pure. A decoder belongs to one session
 *  and is called on that session's worker alone, never twice at once. Nothing here may block.
 *
 *  Compatibility: the major version is part of the symbol's name. A minor version may add a field at the end of a
 *  struct that has `size`, a function, a capability bit, or an enum value where it says "ignore others". */
#ifndef ASTMANPROXY_PLUGIN_H
#define ASTMANPROXY_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define AMP_ABI_MINOR 0u
#define AMP_EXPORT __attribute__((visibility("default")))

/** Capabilities: what the plugin's functions can do. */
#define AMP_CAN_ENCODE (1u << 0)   /**< may stand in `output:` */
#define AMP_CAN_DECODE (1u << 1)   /**< may stand in `input:` */
#define AMP_WANTS_BANNER (1u << 2) /**< clients of this input are greeted with the banner line */

struct amp_message; /**< one message; immutable; valid during the call that lends it */
struct amp_output;  /**< where encoded bytes go */
struct amp_input;   /**< where decoded headers go */

/** A run of bytes, not NUL-terminated. */
struct amp_bytes {
    const char *bytes;
    size_t length;
};

/** The plugin's description: a constant that lives as long as the plugin. */
struct amp_plugin {
    uint32_t size;            /**< sizeof(struct amp_plugin) */
    uint32_t abi_minor;       /**< AMP_ABI_MINOR it was compiled with; a larger one than the program's is refused */
    const char *name;         /**< what users write in `input:` and `output:`; lower case letters, digits, `-` */
    uint32_t capabilities;    /**< AMP_CAN_… */
    const char *content_type; /**< MIME type of what encode() writes */
    /** Writes `message` to `out`: the same message gives the same bytes, always. Borrows both. */
    void (*encode)(const struct amp_message *message, struct amp_output *out);
    /** State of one session's input; NULL if it could not be made (the session is closed). May be absent. */
    void *(*decoder_create)(void);
    void (*decoder_destroy)(void *decoder);
    /** Reads bytes of a client and hands headers to `input`. Called again with what was left and what came since.
     *  @return how many bytes were used up; the rest is kept by the program. Stops early after amp_input_end() said
     *          false (the session takes no more for now). */
    size_t (*decode)(void *decoder, const char *bytes, size_t length, struct amp_input *input);
};

/** Number of headers of a message. */
AMP_EXPORT uint32_t amp_message_count(const struct amp_message *message);
/** Name and value of header `index` (< count). An empty name: the line is no header, `value` is all of it. */
AMP_EXPORT void amp_message_header(const struct amp_message *message, uint32_t index, struct amp_bytes *name,
                                   struct amp_bytes *value);
/** The message as AMI text, blank line included. */
AMP_EXPORT struct amp_bytes amp_message_text(const struct amp_message *message);

/** Appends bytes (copied). Never fails. */
AMP_EXPORT void amp_output_write(struct amp_output *out, const char *bytes, size_t length);

/** Adds one header to the action being read. The bytes are copied. What a server must not see (CR, LF, NUL, a bad
 *  name) is found by the program later and answered with an Error. */
AMP_EXPORT void amp_input_header(struct amp_input *input, struct amp_bytes name, struct amp_bytes value);
/** Marks the action being read as unusable: it will be answered by `Response: Error` with `reason` (static text) and
 *  the ActionID if that was among its headers. The first reason counts. */
AMP_EXPORT void amp_input_reject(struct amp_input *input, const char *reason);
/** The action is complete: it is judged and sent. Without a header and without a reject nothing happens.
 *  @return false: stop decoding now, the session takes no more for the moment (or is closed) */
AMP_EXPORT bool amp_input_end(struct amp_input *input);
/** The stream makes no sense any more: one Error with `reason` (static text) is sent and the session closed. */
AMP_EXPORT void amp_input_fail(struct amp_input *input, const char *reason);

/** What the program looks up in the shared object. */
extern AMP_EXPORT const struct amp_plugin amp_plugin_v1;

#ifdef __cplusplus
}
#endif
#endif
