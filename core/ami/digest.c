// core/ami/digest.c: challenge and key of an MD5 login. If OpenSSL fails to make random bytes or a digest, the program
// ends, because a predictable challenge or key would let anybody log in.
#include "ami/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define CHALLENGE_DIGITS 9

static void give_up(const char *what) __attribute__((noreturn));
static void give_up(const char *what)
{
    fprintf(stderr, "astmanproxy: %s failed in OpenSSL\n", what);
    abort();
}

/** Returns an unpredictable number from 0 to `limit` - 1, each with the same probability. */
static unsigned random_below(unsigned limit)
{
    unsigned char byte;
    do {
        if (RAND_bytes(&byte, 1) != 1)
            give_up("RAND_bytes");
    } while (byte >= 256 / limit * limit);
    return byte % limit;
}

void digest_challenge(char challenge[DIGEST_CHALLENGE_SIZE])
{
    challenge[0] = (char)('1' + random_below(9));
    for (size_t i = 1; i < CHALLENGE_DIGITS; i++)
        challenge[i] = (char)('0' + random_below(10));
    challenge[CHALLENGE_DIGITS] = '\0';
}

/** Makes the MD5 of `parts` with `between` between each two, as lower-case hex. */
static void digest_of_parts(const struct span *parts, size_t count, struct span between, char key[DIGEST_KEY_SIZE])
{
    static const char hex[] = "0123456789abcdef";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool made = context != NULL && EVP_DigestInit_ex(context, EVP_md5(), NULL) == 1;
    for (size_t i = 0; i < count && made; i++)
        made = (i == 0 || EVP_DigestUpdate(context, between.bytes, between.length) == 1) &&
               EVP_DigestUpdate(context, parts[i].bytes, parts[i].length) == 1;
    made = made && EVP_DigestFinal_ex(context, digest, &length) == 1;
    EVP_MD_CTX_free(context); // wipes its state
    if (!made || 2 * length + 1 != DIGEST_KEY_SIZE)
        give_up("MD5");
    for (unsigned i = 0; i < length; i++) {
        key[2 * i] = hex[digest[i] >> 4];
        key[2 * i + 1] = hex[digest[i] & 15];
    }
    key[2 * length] = '\0';
    OPENSSL_cleanse(digest, sizeof digest);
}

void digest_key(const char *challenge, struct span secret, char key[DIGEST_KEY_SIZE])
{
    const struct span parts[] = {span_of(challenge), secret};

    digest_of_parts(parts, 2, (struct span){"", 0}, key);
}

void digest_joined(const struct span *parts, size_t count, char key[DIGEST_KEY_SIZE])
{
    digest_of_parts(parts, count, (struct span){":", 1}, key);
}

bool digest_equals(struct span expected, struct span given)
{
    // Each turn of the loop does the same, whatever the bytes are and wherever `expected` ends. The compiler may not
    // leave it early, as it must store each result.
    volatile unsigned char difference = expected.length != given.length;
    const char *against = expected.length > 0 ? expected.bytes : "";

    for (size_t i = 0; i < given.length; i++) {
        size_t place = i & (0 - (size_t)(i < expected.length)); // 0 behind the end
        difference |= (unsigned char)(given.bytes[i] ^ against[place]);
    }
    return difference == 0;
}
