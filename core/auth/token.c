// core/auth/token.c: see token.h.
#include "auth/token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#define FORMAT 1
#define ONLY_READS 1
#define LISTED 2
#define FIXED_BYTES 18 // in front of the user
#define PREFIX_BYTES (sizeof TOKEN_PREFIX - 1)
#define KEY_DIGITS ((size_t)(2 * TOKEN_KEY_BYTES))
#define SIGNATURE_DIGITS 43 // of 32 bytes in Base64
#define SECRET_BYTES 4096   // longest secret of the configuration (SECRET_LIMIT, LIMIT of an entry)

// --- keys -------------------------------------------------------------------------------------------------------

static int token_hex_value(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte = (char)(byte | 0x20);
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static bool token_read_key(struct span line, unsigned char key[TOKEN_KEY_BYTES])
{
    if (line.length != KEY_DIGITS)
        return false;
    for (size_t i = 0; i < TOKEN_KEY_BYTES; i++) {
        int high = token_hex_value(line.bytes[2 * i]), low = token_hex_value(line.bytes[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        key[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

/** Takes the next line from the text, without blanks and CR at its end. */
static struct span token_take_line(struct span *text)
{
    const char *end = memchr(text->bytes, '\n', text->length);
    struct span line = {text->bytes, end == NULL ? text->length : (size_t)(end - text->bytes)};
    size_t taken = line.length + (end != NULL);

    text->bytes += taken;
    text->length -= taken;
    while (line.length > 0 && strchr(" \t\r", line.bytes[line.length - 1]) != NULL)
        line.length--;
    return line;
}

const char *token_read_keys(struct span text, struct token_keys *keys)
{
    *keys = (struct token_keys){0};
    while (text.length > 0) {
        struct span line = token_take_line(&text);
        if (line.length == 0 || line.bytes[0] == '#')
            continue;
        if (keys->count == 2)
            return "found more than two keys";
        if (!token_read_key(line, keys->key[keys->count]))
            return "found a line that is not 64 hexadecimal digits";
        keys->count++;
    }
    if (keys->count == 2 && CRYPTO_memcmp(keys->key[0], keys->key[1], TOKEN_KEY_BYTES) == 0)
        return "found the same key twice";
    return keys->count == 0 ? "found none" : NULL;
}

// --- Base64url --------------------------------------------------------------------------------------------------

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static size_t token_encode(const unsigned char *bytes, size_t length, char *out)
{
    uint32_t bits = 0;
    unsigned count = 0;
    size_t used = 0;

    for (size_t i = 0; i < length; i++) {
        bits = bits << 8 | bytes[i];
        for (count += 8; count >= 6; count -= 6)
            out[used++] = digits[bits >> (count - 6) & 63];
    }
    if (count > 0)
        out[used++] = digits[bits << (6 - count) & 63];
    return used;
}

/** Decodes a text whose every bit counts: each value has one text only.
 *  @return the number of bytes; SIZE_MAX: it is no such text, or has more than `size` bytes */
static size_t token_decode(struct span text, unsigned char *out, size_t size)
{
    uint32_t bits = 0;
    unsigned count = 0;
    size_t used = 0;

    for (size_t i = 0; i < text.length; i++) {
        const char *digit = text.bytes[i] == '\0' ? NULL : strchr(digits, text.bytes[i]);
        if (digit == NULL)
            return SIZE_MAX;
        bits = bits << 6 | (uint32_t)(digit - digits);
        count += 6;
        if (count < 8)
            continue;
        count -= 8;
        if (used == size)
            return SIZE_MAX;
        out[used++] = (unsigned char)(bits >> count & 0xff);
    }
    return count < 6 && (bits & ((1U << count) - 1)) == 0 ? used : SIZE_MAX;
}

// --- the text ---------------------------------------------------------------------------------------------------

bool token_is_like(struct span text)
{
    return text.length > PREFIX_BYTES && memcmp(text.bytes, TOKEN_PREFIX, PREFIX_BYTES) == 0;
}

bool token_is_label(struct span text)
{
    static const char others[] = "_.@:-";

    for (size_t i = 0; i < text.length; i++) {
        char byte = text.bytes[i];
        bool is_plain = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        if (!is_plain && memchr(others, byte, sizeof others - 1) == NULL)
            return false;
    }
    return text.length > 0 && text.length <= TOKEN_LABEL_BYTES;
}

static uint64_t token_number(const unsigned char *bytes)
{
    uint64_t number = 0;

    for (int i = 0; i < 8; i++)
        number = number << 8 | bytes[i];
    return number;
}

/** Takes a text with its length in `width` bytes in front. @return false: there are not so many bytes */
static bool token_take_text(const unsigned char **next, const unsigned char *end, int width, struct span *text)
{
    if (end - *next < width)
        return false;
    size_t length = width == 1 ? **next : (size_t)(*next)[0] << 8 | (*next)[1];
    *next += width;
    if ((size_t)(end - *next) < length)
        return false;
    *text = (struct span){(const char *)*next, length};
    *next += length;
    return true;
}

static bool token_read_payload(struct token *token, size_t length)
{
    const unsigned char *next = token->payload, *end = token->payload + length;
    struct token_claims *claims = &token->claims;

    if (length < FIXED_BYTES || next[0] != FORMAT || (next[1] & ~(ONLY_READS | LISTED)) != 0)
        return false;
    claims->only_reads = (next[1] & ONLY_READS) != 0;
    claims->listed = (next[1] & LISTED) != 0;
    claims->made_us = token_number(next + 2);
    claims->ends_s = token_number(next + 10);
    next += FIXED_BYTES;
    return token_take_text(&next, end, 1, &claims->user) && token_take_text(&next, end, 1, &claims->label) &&
           token_take_text(&next, end, 2, &claims->actions) && next == end && claims->user.length > 0 &&
           token_is_label(claims->label) && claims->actions.length <= TOKEN_ACTIONS_BYTES &&
           claims->listed == (claims->actions.length > 0);
}

bool token_read(struct span text, struct token *token)
{
    const char *dot;
    struct span payload, signature;
    size_t length;

    if (!token_is_like(text) || text.length > TOKEN_BYTES)
        return false;
    payload = (struct span){text.bytes + PREFIX_BYTES, text.length - PREFIX_BYTES};
    dot = memchr(payload.bytes, '.', payload.length);
    if (dot == NULL)
        return false;
    signature = (struct span){dot + 1, payload.length - (size_t)(dot - payload.bytes) - 1};
    payload.length = (size_t)(dot - payload.bytes);
    if (signature.length != SIGNATURE_DIGITS ||
        token_decode(signature, token->signature, sizeof token->signature) != TOKEN_KEY_BYTES)
        return false;
    length = token_decode(payload, token->payload, sizeof token->payload);
    token->signed_length = (size_t)(dot - text.bytes);
    return length != SIZE_MAX && token_read_payload(token, length);
}

// --- the signature ----------------------------------------------------------------------------------------------

/** @return false: OpenSSL failed */
static bool token_sign(struct span text, const unsigned char key[TOKEN_KEY_BYTES], struct span secret,
                       unsigned char signature[TOKEN_KEY_BYTES])
{
    unsigned char bytes[TOKEN_BYTES + 1 + SECRET_BYTES];
    unsigned length = 0;
    bool done;

    if (text.length > TOKEN_BYTES || secret.length > SECRET_BYTES)
        return false;
    memcpy(bytes, text.bytes, text.length);
    bytes[text.length] = '\0';
    if (secret.length > 0)
        memcpy(bytes + text.length + 1, secret.bytes, secret.length);
    done = HMAC(EVP_sha256(), key, TOKEN_KEY_BYTES, bytes, text.length + 1 + secret.length, signature, &length) != NULL;
    OPENSSL_cleanse(bytes, sizeof bytes);
    return done && length == TOKEN_KEY_BYTES;
}

bool token_is_signed(const struct token *token, struct span text, const struct token_keys *keys, struct span secret)
{
    unsigned char expected[TOKEN_KEY_BYTES];
    bool found = false;

    for (unsigned i = 0; i < keys->count; i++) {
        bool made = token_sign((struct span){text.bytes, token->signed_length}, keys->key[i], secret, expected);
        bool equal = made && CRYPTO_memcmp(expected, token->signature, TOKEN_KEY_BYTES) == 0;
        found = found || equal;
    }
    OPENSSL_cleanse(expected, sizeof expected);
    return found;
}

static unsigned char *token_put_number(unsigned char *next, uint64_t number)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        *next++ = (unsigned char)(number >> shift);
    return next;
}

static unsigned char *token_put_text(unsigned char *next, int width, struct span text)
{
    if (width == 2)
        *next++ = (unsigned char)(text.length >> 8);
    *next++ = (unsigned char)text.length;
    if (text.length > 0)
        memcpy(next, text.bytes, text.length);
    return next + text.length;
}

/** @return which claim cannot be part of a token; NULL: all can */
static const char *token_find_fault(const struct token_claims *claims)
{
    if (claims->user.length == 0 || claims->user.length > TOKEN_USER_BYTES)
        return "User: expected 1 to 255 bytes";
    if (!token_is_label(claims->label))
        return "Label: expected 1 to 64 letters, digits or _ . @ : -";
    if (claims->listed && claims->actions.length == 0)
        return "Actions: expected at least one name";
    if (claims->listed &&
        FIXED_BYTES + 4 + claims->user.length + claims->label.length + claims->actions.length > TOKEN_PAYLOAD_BYTES)
        return "Actions: together with User and Label they are too long";
    return claims->actions.length > TOKEN_ACTIONS_BYTES ? "Actions: expected at most 600 bytes" : NULL;
}

const char *token_make(const struct token_claims *claims, const struct token_keys *keys, struct span secret,
                       char out[TOKEN_BYTES + 1])
{
    unsigned char payload[TOKEN_PAYLOAD_BYTES], signature[TOKEN_KEY_BYTES], *next = payload;
    const char *fault = token_find_fault(claims);
    size_t length = PREFIX_BYTES;

    if (fault != NULL)
        return fault;
    *next++ = FORMAT;
    *next++ = (unsigned char)((claims->only_reads ? ONLY_READS : 0) | (claims->listed ? LISTED : 0));
    next = token_put_number(next, claims->made_us);
    next = token_put_number(next, claims->ends_s);
    next = token_put_text(next, 1, claims->user);
    next = token_put_text(next, 1, claims->label);
    next = token_put_text(next, 2, claims->listed ? claims->actions : (struct span){"", 0});
    memcpy(out, TOKEN_PREFIX, PREFIX_BYTES);
    length += token_encode(payload, (size_t)(next - payload), out + length);
    if (!token_sign((struct span){out, length}, keys->key[0], secret, signature))
        return "the signature could not be made";
    out[length++] = '.';
    length += token_encode(signature, sizeof signature, out + length);
    out[length] = '\0';
    return NULL;
}

// --- actions ----------------------------------------------------------------------------------------------------

bool token_next_action(struct span *list, struct span *name)
{
    while (list->length > 0 && (*list->bytes == ',' || *list->bytes == ' ' || *list->bytes == '\t'))
        *list = (struct span){list->bytes + 1, list->length - 1};
    *name = (struct span){list->bytes, 0};
    while (name->length < list->length && list->bytes[name->length] != ',' && list->bytes[name->length] != ' ' &&
           list->bytes[name->length] != '\t')
        name->length++;
    *list = (struct span){list->bytes + name->length, list->length - name->length};
    return name->length > 0;
}

bool token_lists(const struct token_claims *claims, struct span name)
{
    struct span list = claims->actions, each;

    while (token_next_action(&list, &each)) {
        if (span_is(each, "*") || span_equals_nocase(each, name))
            return true;
    }
    return false;
}
