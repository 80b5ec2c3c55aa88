// plugins/json/json.h: shared by the files of this plugin.
// Thread: encode() any, a decoder that of its session.
#ifndef PLUGINS_JSON_JSON_H
#define PLUGINS_JSON_JSON_H

#include <astmanproxy/plugin.h>

/** As in struct amp_plugin. */
void json_encode(const struct amp_message *message, struct amp_output *out);

/** Writes the message as json_encode() does if it is a short event of a server whose lines are all headers, with names
 *  that differ and need no escapes. @return false: it is another one; nothing was written */
bool json_encode_brief(const struct amp_message *message, struct amp_output *out);
/** Returns the escape of a character; empty: it is written as it is. @param valid  is it UTF-8? @param buffer  room for
 *  the escape */
struct amp_bytes json_escape(char character, bool valid, char buffer[static 8]);

void *json_decoder_create(void);
void json_decoder_destroy(void *decoder);
size_t json_decode(void *decoder, const char *bytes, size_t length, struct amp_input *input);
void json_finish(void *decoder, const char *bytes, size_t length, struct amp_input *input);
enum amp_guess json_recognise(const char *bytes, size_t length);

/** Reads one UTF-8 character; a NUL is invalid. @param length  > 0
 *  @param valid  set to false for invalid bytes, which become one U+FFFD (the longest beginning of a character, or one
 *                byte)
 *  @return the number of its bytes */
size_t json_character(const char *bytes, size_t length, bool *valid);

#endif
