// plugins/http/credentials.c: see credentials.h.
#include "credentials.h"

#include <openssl/evp.h>
#include <string.h>

/** Returns the value of a Base64 digit of either alphabet; -1: it is not a digit. */
static int digit_value(char byte)
{
    if (byte >= 'A' && byte <= 'Z')
        return byte - 'A';
    if (byte >= 'a' && byte <= 'z')
        return byte - 'a' + 26;
    if (byte >= '0' && byte <= '9')
        return byte - '0' + 52;
    if (byte == '+' || byte == '-')
        return 62;
    return byte == '/' || byte == '_' ? 63 : -1;
}

/** Decodes Base64, padded or not. @return false: the text is not Base64 */
static bool decode_base64(struct amp_bytes text, struct buffer *out)
{
    uint32_t bits = 0;
    unsigned count = 0;
    for (int i = 0; i < 2 && text.length > 0 && text.bytes[text.length - 1] == '='; i++)
        text.length--;
    if (text.length % 4 == 1)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        int value = digit_value(text.bytes[i]);
        if (value < 0)
            return false;
        bits = (bits << 6 | (uint32_t)value) & 0xffff;
        count += 6;
        if (count >= 8) {
            count -= 8;
            char byte = (char)(bits >> count & 0xff);
            buffer_add(out, &byte, 1);
        }
    }
    return true;
}

bool credentials_is_token(struct amp_bytes text)
{
    return text.length > 5 && memcmp(text.bytes, "amt1.", 5) == 0;
}

enum credentials_result credentials_parse(struct credentials *credentials, struct amp_bytes header)
{
    struct amp_bytes scheme = {0};
    text_next(&header, ' ', &scheme);
    header = text_trim(header);
    bool is_bearer = text_is(scheme, "Bearer");
    if (is_bearer && credentials_is_token(header) && memchr(header.bytes, ':', header.length) == NULL) {
        credentials->secret = header;
        return CREDENTIALS_GIVEN;
    }
    if (!is_bearer && !text_is(scheme, "Basic"))
        return CREDENTIALS_MALFORMED;
    if (is_bearer && header.length > 0 && memchr(header.bytes, ':', header.length) != NULL)
        buffer_add(&credentials->bytes, header.bytes, header.length);
    else if (!decode_base64(header, &credentials->bytes))
        return CREDENTIALS_MALFORMED;
    struct amp_bytes both = buffer_bytes(&credentials->bytes);
    const char *colon = both.length == 0 ? NULL : memchr(both.bytes, ':', both.length);
    if (colon == NULL || text_has_line_end(both))
        return CREDENTIALS_MALFORMED;
    credentials->name = (struct amp_bytes){both.bytes, (size_t)(colon - both.bytes)};
    credentials->secret = (struct amp_bytes){colon + 1, both.length - credentials->name.length - 1};
    return CREDENTIALS_GIVEN;
}

void credentials_fini(struct credentials *credentials)
{
    buffer_wipe(&credentials->bytes);
    *credentials = (struct credentials){0};
}

void credentials_digest(const struct credentials *credentials, unsigned char digest[CREDENTIALS_DIGEST])
{
    struct buffer both = {0};
    buffer_add(&both, credentials->name.bytes, credentials->name.length);
    buffer_add(&both, "", 1); // a NUL, which neither can contain
    buffer_add(&both, credentials->secret.bytes, credentials->secret.length);
    EVP_Digest(both.bytes, both.length, digest, NULL, EVP_sha256(), NULL);
    buffer_wipe(&both);
}
