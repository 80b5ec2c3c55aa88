// plugins/xml/xml.c: messages as XML elements; the plugin's description and how its clients are recognised.
#include "xml.h"

#include <string.h>

static const char byte_order_mark[] = "\xEF\xBB\xBF";
#define MARK_BYTES (sizeof byte_order_mark - 1)

/** White space, and a byte order mark in front of the document, are allowed before the first `<`. */
static enum amp_guess xml_recognise(const char *bytes, size_t length)
{
    size_t at = 0;
    while (at < length && xml_is_blank(bytes[at]))
        at++;
    size_t mark = length - at < MARK_BYTES ? length - at : MARK_BYTES;
    if (memcmp(bytes + at, byte_order_mark, mark) == 0)
        at += mark;
    while (at < length && xml_is_blank(bytes[at]))
        at++;
    if (at == length)
        return AMP_GUESS_MAYBE;
    return bytes[at] == '<' ? AMP_GUESS_YES : AMP_GUESS_NO;
}

AMP_EXPORT const struct amp_plugin amp_plugin_v1 = {
    .size = sizeof(struct amp_plugin),
    .abi_minor = AMP_ABI_MINOR,
    .name = "xml",
    .capabilities = AMP_CAN_ENCODE | AMP_CAN_DECODE,
    .content_type = "text/xml", // always UTF-8
    .encode = xml_encode,
    .decoder_create = xml_decoder_create,
    .decoder_destroy = xml_decoder_destroy,
    .decode = xml_decode,
    .finish = xml_finish,
    .recognise = xml_recognise,
    .list_begin = "<AsteriskManager>\r\n",
    .list_between = "",
    .list_end = "</AsteriskManager>\r\n",
};
