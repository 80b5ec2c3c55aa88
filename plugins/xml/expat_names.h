// plugins/xml/expat_names.h: functions of expat that have other names in newer versions, which warn of the old ones.
#ifndef XML_EXPAT_NAMES_H
#define XML_EXPAT_NAMES_H

#include <expat.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#define EXPAT_IS_NEW (XML_MAJOR_VERSION > 2 || (XML_MAJOR_VERSION == 2 && XML_MINOR_VERSION >= 9))

// Exists since expat 2.6 and in security updates of older ones; otherwise NULL. A weak symbol, because the program may
// run with another expat than it was built with.
// NOLINTNEXTLINE(readability-redundant-declaration,readability-identifier-naming)
__attribute__((weak)) XML_Bool XML_SetReparseDeferralEnabled(XML_Parser parser, XML_Bool enabled);

/** Random bytes against collisions in expat's hash tables. */
struct expat_salt {
    uint8_t bytes[16];
    bool is_set; // false: expat makes its own
};

/** @return a new salt; not set if the kernel has no random bytes yet */
static inline struct expat_salt expat_salt_make(void)
{
    struct expat_salt salt = {.is_set = false};
    salt.is_set = getrandom(salt.bytes, sizeof salt.bytes, GRND_NONBLOCK) == (ssize_t)sizeof salt.bytes;
    return salt;
}

/** To be called before the first byte is parsed. */
static inline void expat_salt_set(XML_Parser parser, const struct expat_salt *salt)
{
    if (!salt->is_set)
        return;
#if EXPAT_IS_NEW
    XML_SetHashSalt16Bytes(parser, salt->bytes);
#else
    unsigned long number;
    memcpy(&number, salt->bytes, sizeof number);
    XML_SetHashSalt(parser, number);
#endif
}

/** Offset in the document where the present event, or the token that is not complete yet, begins; -1: nowhere. */
static inline int64_t expat_event_offset(XML_Parser parser)
{
#if EXPAT_IS_NEW
    return XML_GetCurrentByteIndex64(parser);
#else
    return XML_GetCurrentByteIndex(parser);
#endif
}

/** Length of the present event in bytes. */
static inline size_t expat_event_length(XML_Parser parser)
{
#if EXPAT_IS_NEW
    return (size_t)XML_GetCurrentByteCount64(parser);
#else
    return (size_t)XML_GetCurrentByteCount(parser);
#endif
}

#endif
