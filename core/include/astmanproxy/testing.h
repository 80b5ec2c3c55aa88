/* SPDX-License-Identifier: GPL-2.0-or-later */
/** astmanproxy/testing.h: unit tests of a plugin's encoder, decoder and settings, without a proxy.
 *
 *  Link the test with `pkg-config --libs astmanproxy-testing` (CMake: astmanproxy::testing). The library has the
 *  program's own code behind the amp_message_…, amp_output_…, amp_input_… and amp_settings_… functions, so a plugin
 *  behaves in a test as it does in the proxy. Compile the plugin's source files into the test, or load the shared
 * object by amp_test_load(). A session (amp_session_…) is not part of it: test protocols against the installed proxy.
 *
 *  A plugin that breaks the interface ends the test program: one line on stderr names the function and the mistake, and
 *  abort() follows. Build plugin and test with a sanitizer to see reads past the end, too: the kit hands over bytes in
 *  blocks of exactly their length.
 *
 *  Threads: use it on one. Compatibility: header and library belong to the same version; compile tests anew with each.
 */
#ifndef ASTMANPROXY_TESTING_H
#define ASTMANPROXY_TESTING_H

#include <astmanproxy/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- plugins and settings ---------------------------------------------------------------------------------------- */

/** Loads the shared object `path` and checks its description, as the proxy does at its start.
 *  @return the plugin, which stays until the program ends; NULL: it was refused, and the reason was written to stderr
 */
AMP_EXPORT const struct amp_plugin *amp_test_load(const char *path);
/** Calls configure() with the plugin's section of `yaml`, which is a piece of the configuration file
 *  (`logfmt: {names: lower}`). "" or NULL: there is no such section. May be called again with others.
 *  @return NULL: everything was right. Else what `astmanproxy -t` would print; the caller frees it by free() */
AMP_EXPORT char *amp_test_configure(const struct amp_plugin *plugin, const char *yaml);

/* --- messages and encoding --------------------------------------------------------------------------------------- */

/** Makes a message from text: one header a line, `Name: value`, lines that end in LF or CR LF. A line without a colon
 *  has no name. The caller frees it by amp_test_message_free(). */
AMP_EXPORT struct amp_message *amp_test_message(const char *text);
/** Makes a message from any bytes: `fields` holds a name and a value for each of `count` headers; an empty name is a
 * line without a name. The caller frees it by amp_test_message_free(). */
AMP_EXPORT struct amp_message *amp_test_message_of(const struct amp_bytes *fields, size_t count);
AMP_EXPORT void amp_test_message_free(struct amp_message *message);
/** What encode() writes of `message`, and a NUL behind it. Encodes twice: the same message must give the same bytes.
 *  @param length  set to the number of bytes; may be NULL. The caller frees the bytes by free() */
AMP_EXPORT char *amp_test_encode(const struct amp_plugin *plugin, const struct amp_message *message, size_t *length);

/* --- decoding ---------------------------------------------------------------------------------------------------- */

/** What a client sends, and how. Zero is a sensible value of every field but `bytes`. */
struct amp_test_client {
    const char *bytes;
    size_t length;
    size_t piece;      /**< so many bytes arrive at a time; 0: all at once */
    bool stop;         /**< amp_input_end() says false after each action: the session takes no more for the moment */
    bool finish;       /**< the client ends its stream: finish() is called with what was left */
    size_t most_bytes; /**< of one message (`limits.message_bytes`); 0: 64 KiB, as there */
    size_t most_kept;  /**< decode() may leave at most so many bytes unused; 0: any number */
    /** Called with each action. @param rejected  why it cannot be used; NULL: it can. May be absent */
    void (*on_action)(void *context, const struct amp_message *action, const char *rejected);
    void *context;
};

/** Creates a decoder, hands it all bytes as a session does (what it left is given again with what came since), and
 *  destroys it.
 *  @return what it read, as text: `<Name=value;Name=value;>` for each action, with `!reason` before the `>` of one that
 *          was rejected; then `{failed: reason}` if amp_input_fail() was called. The caller frees it by free() */
AMP_EXPORT char *amp_test_decode(const struct amp_plugin *plugin, const struct amp_test_client *client);
/** Decodes `client` cut into pieces of several sizes, with and without a stop after each action (`piece` and `stop` are
 *  not looked at). @return did each way give `expected`? If not, the first other result was written to stderr */
AMP_EXPORT bool amp_test_decodes(const struct amp_plugin *plugin, const struct amp_test_client *client,
                                 const char *expected);

/** One decoder, for tests that call it step by step. */
struct amp_test_decoder;
/** @param client  lent until the decoder is destroyed; its `bytes`, `length`, `piece` and `finish` are not looked at */
AMP_EXPORT struct amp_test_decoder *amp_test_decoder_create(const struct amp_plugin *plugin,
                                                            const struct amp_test_client *client);
/** Calls decode() once. @return how many bytes it used up */
AMP_EXPORT size_t amp_test_decoder_give(struct amp_test_decoder *decoder, const char *bytes, size_t length);
/** Calls finish() with the bytes that decode() left. Does nothing if the plugin has no finish(). */
AMP_EXPORT void amp_test_decoder_finish(struct amp_test_decoder *decoder, const char *bytes, size_t length);
/** What was read so far, as amp_test_decode() gives it. Valid until the next call. */
AMP_EXPORT const char *amp_test_decoder_text(struct amp_test_decoder *decoder);
/** What decoder_create() gave; NULL without one. */
AMP_EXPORT void *amp_test_decoder_state(struct amp_test_decoder *decoder);
AMP_EXPORT void amp_test_decoder_destroy(struct amp_test_decoder *decoder);

#ifdef __cplusplus
}
#endif
#endif
