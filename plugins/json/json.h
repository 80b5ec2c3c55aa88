// plugins/json/json.h: the parts of the json format.
// Thread: encode() any, a decoder that of its session.
#ifndef PLUGINS_JSON_JSON_H
#define PLUGINS_JSON_JSON_H

#include <astmanproxy/plugin.h>

/** As in struct amp_plugin. */
void json_encode(const struct amp_message *message, struct amp_output *out);

void *json_decoder_create(void);
void json_decoder_destroy(void *decoder);
size_t json_decode(void *decoder, const char *bytes, size_t length, struct amp_input *input);
void json_finish(void *decoder, const char *bytes, size_t length, struct amp_input *input);
enum amp_guess json_recognise(const char *bytes, size_t length);

/** Reads one character of UTF-8; NUL counts as none. @param length  > 0
 *  @param valid  false: the bytes are none and stand for one U+FFFD (the longest start of a character, or one byte)
 *  @return how many bytes it has */
size_t json_character(const char *bytes, size_t length, bool *valid);

#endif
