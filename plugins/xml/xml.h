// plugins/xml/xml.h: shared by the files of this plugin.
// Thread: xml_encode() is pure; a decoder belongs to its session's worker.
#ifndef XML_H
#define XML_H

#include <astmanproxy/plugin.h>

/** Writes a message as one element; see amp_plugin.encode. */
void xml_encode(const struct amp_message *message, struct amp_output *out);

/** See the functions of amp_plugin. */
void *xml_decoder_create(void);
void xml_decoder_destroy(void *decoder);
size_t xml_decode(void *decoder, const char *bytes, size_t length, struct amp_input *input);
void xml_finish(void *decoder, const char *bytes, size_t length, struct amp_input *input);

/** Is `byte` white space of XML? */
static inline bool xml_is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

#endif
