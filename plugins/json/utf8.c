// plugins/json/utf8.c: finds where the characters of a text end, and bytes that are not UTF-8.
#include "json.h"

/** The bytes that may follow a first byte (Unicode, table 3-7). Without NUL, which AMI does not use and which many JSON
 *  parsers refuse even if it is escaped. */
struct lead {
    unsigned char first, last; // first bytes
    unsigned char more;        // bytes that follow
    unsigned char low, high;   // of the first of those; the others are 0x80 to 0xbf
};

static const struct lead leads[] = {
    {0x01, 0x7f, 0, 0, 0},       {0xc2, 0xdf, 1, 0x80, 0xbf}, {0xe0, 0xe0, 2, 0xa0, 0xbf},
    {0xe1, 0xec, 2, 0x80, 0xbf}, {0xed, 0xed, 2, 0x80, 0x9f}, {0xee, 0xef, 2, 0x80, 0xbf},
    {0xf0, 0xf0, 3, 0x90, 0xbf}, {0xf1, 0xf3, 3, 0x80, 0xbf}, {0xf4, 0xf4, 3, 0x80, 0x8f},
};

static const struct lead *lead_of(unsigned char byte)
{
    for (size_t i = 0; i < sizeof leads / sizeof leads[0]; i++) {
        if (byte >= leads[i].first && byte <= leads[i].last)
            return &leads[i];
    }
    return NULL;
}

size_t json_character(const char *bytes, size_t length, bool *valid)
{
    const struct lead *lead = lead_of((unsigned char)bytes[0]);
    *valid = false;
    if (lead == NULL)
        return 1;
    unsigned char low = lead->low;
    unsigned char high = lead->high;
    for (size_t i = 1; i <= lead->more; i++) {
        if (i >= length || (unsigned char)bytes[i] < low || (unsigned char)bytes[i] > high)
            return i;
        low = 0x80;
        high = 0xbf;
    }
    *valid = true;
    return (size_t)lead->more + 1;
}
