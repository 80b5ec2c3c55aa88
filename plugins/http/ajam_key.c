// plugins/http/ajam_key.c: see ajam_key.h.
#include "ajam_key.h"

#include <openssl/rand.h>
#include <stdio.h>

bool ajam_key_create(struct amp_key *key)
{
    return RAND_bytes(key->bytes, sizeof key->bytes) == 1;
}

void ajam_key_text(const struct amp_key *key, char text[AJAM_KEY_DIGITS + 1])
{
    for (size_t i = 0; i < sizeof key->bytes; i++)
        snprintf(text + 2 * i, 3, "%02x", key->bytes[i]);
}

static bool ajam_key_read(struct amp_bytes digits, struct amp_key *key)
{
    if (digits.length >= 2 && digits.bytes[0] == '"' && digits.bytes[digits.length - 1] == '"')
        digits = (struct amp_bytes){digits.bytes + 1, digits.length - 2};
    if (digits.length != AJAM_KEY_DIGITS)
        return false;
    for (size_t i = 0; i < sizeof key->bytes; i++) {
        int high = text_hex_digit(digits.bytes[2 * i]), low = text_hex_digit(digits.bytes[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        key->bytes[i] = (unsigned char)(high * 16 + low);
    }
    return true;
}

bool ajam_key_find(const struct request *request, struct amp_key *key)
{
    for (unsigned i = 0; i < request->header_count; i++) {
        struct amp_bytes rest = request->headers[i].value, cookie, name;
        if (!text_is(request->headers[i].name, "Cookie"))
            continue;
        while (text_next(&rest, ';', &cookie)) {
            if (text_next(&cookie, '=', &name) && text_is(text_trim(name), AJAM_COOKIE) &&
                ajam_key_read(text_trim(cookie), key))
                return true;
        }
    }
    return false;
}
