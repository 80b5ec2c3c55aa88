/* SPDX-License-Identifier: GPL-2.0-or-later */
/** astmanproxy/testing.h: unit tests of a plugin's encoder, decoder and settings, without a proxy.
 *  Link the test with `pkg-config --libs astmanproxy-testing` (CMake: astmanproxy::testing). The functions
 *  amp_message_…, amp_output_…, amp_input_… and amp_settings_… of the library are the program's own code, so a plugin
 *  behaves in a test as in the proxy. Compile the plugin's source files into the test, or load the shared object with
 *  amp_test_load(). The library has no sessions (amp_session_…): test protocols with the installed proxy.
 *  If a plugin breaks a rule of the interface, the test program writes one line to stderr, with the function and the
 *  error, and calls abort(). Build plugin and test with a sanitizer to find reads past the end, too: bytes are passed
 *  in blocks of exactly their length.
 *  Threads: use it in one thread. Compatibility: header and library must be of the same version; compile the tests
 *  again for each version. */
#ifndef ASTMANPROXY_TESTING_H
#define ASTMANPROXY_TESTING_H

#include <astmanproxy/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- plugins and settings ---------------------------------------------------------------------------------------- */

/** Loads the shared object `path` and checks its description, as the proxy does at its start.
 *  @return the plugin, valid until the program exits; NULL: it was refused, and the reason was written to stderr */
AMP_EXPORT const struct amp_plugin *amp_test_load(const char *path);
/** Calls configure() with the plugin's section of `yaml`, which is a piece of the configuration file
 *  (`logfmt: {names: lower}`). "" or NULL: there is no section. May be called again with another section.
 *  @return NULL: no errors; else the text that `astmanproxy -t` would print, which the caller frees with free() */
AMP_EXPORT char *amp_test_configure(const struct amp_plugin *plugin, const char *yaml);

/* --- messages and encoding --------------------------------------------------------------------------------------- */

/** Makes a message from a text with one header `Name: value` on each line; lines end in LF or CR LF. A line without a
 *  colon has no name. The caller frees it with amp_test_message_free(). */
AMP_EXPORT struct amp_message *amp_test_message(const char *text);
/** Makes a message from any bytes. @param fields  a name and a value for each of `count` headers; an empty name is a
 *  line without a name. The caller frees it with amp_test_message_free(). */
AMP_EXPORT struct amp_message *amp_test_message_of(const struct amp_bytes *fields, size_t count);
/** Frees a message. */
AMP_EXPORT void amp_test_message_free(struct amp_message *message);
/** Encodes `message`, twice, to check that the bytes are the same.
 *  @param length  set to the number of bytes; may be NULL
 *  @return the bytes and a NUL, which the caller frees with free() */
AMP_EXPORT char *amp_test_encode(const struct amp_plugin *plugin, const struct amp_message *message, size_t *length);

/* --- decoding ---------------------------------------------------------------------------------------------------- */

/** The bytes that a client sends, and how. Zero is a valid value of each field except `bytes`. */
struct amp_test_client {
    const char *bytes;
    size_t length;
    size_t piece;      /**< the number of bytes that arrive at a time; 0: all at once */
    bool stop;         /**< amp_input_end() returns false after each action: the session accepts no more for now */
    bool finish;       /**< the client ends its stream: finish() is called with the unused bytes */
    size_t most_bytes; /**< most bytes of one message (`limits.message_bytes`); 0: 64 KiB, the default there */
    size_t most_kept;  /**< most bytes that decode() may leave unused; 0: any number */
    /** Called with each action; optional. @param rejected  why the action cannot be used; NULL: it can */
    void (*on_action)(void *context, const struct amp_message *action, const char *rejected);
    void *context;
};

/** Creates a decoder, passes all bytes to it as a session does (unused bytes are passed again, with the next ones), and
 *  destroys it.
 *  @return the result as text: `<Name=value;Name=value;>` for each action, with `!reason` before the `>` if it was
 *          rejected; then `{failed: reason}` if amp_input_fail() was called. The caller frees it with free() */
AMP_EXPORT char *amp_test_decode(const struct amp_plugin *plugin, const struct amp_test_client *client);
/** Decodes the bytes of `client` split into pieces of several sizes, with and without a stop after each action (the
 *  fields `piece` and `stop` are ignored). @return true: each result is `expected`; false: the first other result was
 *  written to stderr */
AMP_EXPORT bool amp_test_decodes(const struct amp_plugin *plugin, const struct amp_test_client *client,
                                 const char *expected);

/** One decoder, for tests that call it step by step. */
struct amp_test_decoder;
/** Creates a decoder. @param client  lent until the decoder is destroyed; its `bytes`, `length`, `piece` and `finish`
 *  are ignored */
AMP_EXPORT struct amp_test_decoder *amp_test_decoder_create(const struct amp_plugin *plugin,
                                                            const struct amp_test_client *client);
/** Calls decode() once. @return number of bytes that it used */
AMP_EXPORT size_t amp_test_decoder_give(struct amp_test_decoder *decoder, const char *bytes, size_t length);
/** Calls finish() with the bytes that decode() has not used. Does nothing if the plugin has no finish(). */
AMP_EXPORT void amp_test_decoder_finish(struct amp_test_decoder *decoder, const char *bytes, size_t length);
/** Returns the result so far, in the form of amp_test_decode(). Valid until the next call. */
AMP_EXPORT const char *amp_test_decoder_text(struct amp_test_decoder *decoder);
/** Returns the result of decoder_create(); NULL: the plugin has none. */
AMP_EXPORT void *amp_test_decoder_state(struct amp_test_decoder *decoder);
/** Frees the decoder. */
AMP_EXPORT void amp_test_decoder_destroy(struct amp_test_decoder *decoder);

#ifdef __cplusplus
}
#endif
#endif
