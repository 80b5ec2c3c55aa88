// core/base/utf8.c: see utf8.h.
#include "base/utf8.h"

size_t utf8_length(struct span text)
{
    const unsigned char *byte = (const unsigned char *)text.bytes;

    if (text.length == 0)
        return 0;
    size_t length = byte[0] < 0x80                      ? 1
                    : byte[0] >= 0xc2 && byte[0] < 0xe0 ? 2
                    : (byte[0] & 0xf0) == 0xe0          ? 3
                    : byte[0] >= 0xf0 && byte[0] < 0xf5 ? 4
                                                        : 0;
    if (length == 0 || length > text.length)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((byte[i] & 0xc0) != 0x80)
            return 0;
    }
    bool is_wrong = (byte[0] == 0xe0 && byte[1] < 0xa0) || (byte[0] == 0xed && byte[1] > 0x9f) ||
                    (byte[0] == 0xf0 && byte[1] < 0x90) || (byte[0] == 0xf4 && byte[1] > 0x8f);
    return length > 1 && is_wrong ? 0 : length;
}
