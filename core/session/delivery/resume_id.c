// core/session/delivery/resume_id.c: see resume_id.h.
#include "session/delivery/resume_id.h"

#include "base/decimal.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] = "0123456789abcdef";

void resume_id_random(char *text, size_t size)
{
    unsigned char bytes[RESUME_ID_SIZE];
    size_t count = size - 1;

    if (count > sizeof bytes || RAND_bytes(bytes, (int)count) != 1) {
        fprintf(stderr, "astmanproxy: no random bytes for ids\n");
        abort();
    }
    for (size_t i = 0; i < count; i++)
        text[i] = digits[bytes[i] & 15];
    text[count] = '\0';
}

size_t resume_id_begin(char text[RESUME_ID_SIZE], const char *epoch, uint32_t worker, const char *tag)
{
    return (size_t)snprintf(text, RESUME_ID_SIZE, "%s.%" PRIu32 ".%s.", epoch, worker, tag);
}

// Without snprintf(): it is called for each message of each feed that is kept.
struct span resume_id_write(char text[RESUME_ID_SIZE], struct span beginning, uint64_t number)
{
    char *end = decimal_write(mempcpy(text, beginning.bytes, beginning.length), number);

    *end = '\0';
    return (struct span){text, (size_t)(end - text)};
}

/** Takes the part up to the next dot, or all. @return false: there is none */
static bool take_part(struct span *text, struct span *part)
{
    const char *dot = text->length == 0 ? NULL : memchr(text->bytes, '.', text->length);

    *part = *text;
    if (dot == NULL) {
        text->length = 0;
        return part->length > 0;
    }
    part->length = (size_t)(dot - text->bytes);
    if (part->length + 1 == text->length)
        return false; // nothing behind the dot
    *text = (struct span){dot + 1, text->length - part->length - 1};
    return part->length > 0;
}

/** Takes a part of just `size` - 1 hexadecimal digits. */
static bool take_digits(struct span *text, char *into, size_t size)
{
    struct span part;

    if (!take_part(text, &part) || part.length != size - 1)
        return false;
    for (size_t i = 0; i < part.length; i++) {
        if (memchr(digits, part.bytes[i], 16) == NULL)
            return false;
        into[i] = part.bytes[i];
    }
    into[part.length] = '\0';
    return true;
}

static bool take_number(struct span *text, uint64_t most, uint64_t *number)
{
    struct span part;

    return take_part(text, &part) && span_number(part, 0, most, number);
}

bool resume_id_parse(struct span text, struct resume_id *id)
{
    uint64_t worker = 0;

    if (text.length >= RESUME_ID_SIZE || !take_digits(&text, id->epoch, sizeof id->epoch) ||
        !take_number(&text, UINT32_MAX, &worker) || !take_digits(&text, id->tag, sizeof id->tag) ||
        !take_number(&text, UINT64_MAX - 1, &id->number) || text.length > 0)
        return false;
    id->worker = (uint32_t)worker;
    return true;
}

bool resume_id_is_tag(const char *tag, const char *other)
{
    return CRYPTO_memcmp(tag, other, RESUME_TAG_SIZE) == 0;
}
