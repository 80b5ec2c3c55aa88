// plugins/http/document.c: see document.h.
#include "document.h"

#include <string.h>

static void read_all(const struct amp_plugin *format, struct amp_bytes bytes, struct amp_input *input)
{
    void *decoder = format->decoder_create == NULL ? NULL : format->decoder_create();
    size_t used = 0;
    size_t count = 1;
    if (format->decoder_create != NULL && decoder == NULL)
        return;
    while (used < bytes.length && count > 0) {
        count = format->decode(decoder, bytes.bytes + used, bytes.length - used, input);
        used += count;
    }
    if (format->finish != NULL)
        format->finish(decoder, bytes.bytes + used, bytes.length - used, input);
    if (format->decoder_destroy != NULL)
        format->decoder_destroy(decoder);
}

/** Replaces line ends by blanks: JSON strings contain none, and in a stream they would end the object. */
static void put_in_one_line(struct buffer *text)
{
    for (size_t i = 0; i < text->length; i++) {
        if (text->bytes[i] == '\r' || text->bytes[i] == '\n')
            text->bytes[i] = ' ';
    }
}

void document_read(struct amp_session *session, const struct amp_plugin *format, struct amp_bytes bytes)
{
    struct buffer text = {0};
    buffer_add(&text, bytes.bytes, bytes.length);
    if (strcmp(format->name, "json") == 0)
        put_in_one_line(&text);
    if (format->finish == NULL && (format->content_type == NULL || amp_type_is_text(format->content_type)))
        buffer_add(&text, "\r\n\r\n", 4); // a text format ends at a blank line; a binary one has lengths
    read_all(format, buffer_bytes(&text), amp_session_input(session));
    buffer_wipe(&text);
}
