// core/exports/verdict.c: see verdict.h.
#include "exports/verdict.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGEST_BYTES 32
#define MOST_DOUBLINGS 20

enum export_verdict export_judge(unsigned status)
{
    // 4xx about the place, the sender or the time; everything else of 4xx is about the message.
    static const unsigned again[] = {401, 403, 404, 407, 408, 421, 423, 425, 429};

    if (status >= 200 && status < 300)
        return EXPORT_DELIVERED;
    if (status < 400 || status >= 500)
        return EXPORT_FAILED;
    for (size_t i = 0; i < sizeof again / sizeof again[0]; i++) {
        if (again[i] == status)
            return EXPORT_FAILED;
    }
    return EXPORT_REFUSED;
}

uint64_t export_wait(uint32_t failures, uint64_t interval_ms, uint64_t longest_ms, uint64_t retry_after_ms,
                     uint32_t random)
{
    uint32_t doublings = failures - 1 < MOST_DOUBLINGS ? failures - 1 : MOST_DOUBLINGS;
    uint64_t wait = interval_ms << doublings;

    if (wait > longest_ms)
        wait = longest_ms;
    wait -= wait / 4 * (random % 256) / 255;
    if (retry_after_ms > wait)
        wait = retry_after_ms < longest_ms ? retry_after_ms : longest_ms;
    return wait > 0 ? wait : 1;
}

/** Appends `,v1=HEX`. */
static void verdict_add_signature(char text[SIGNATURE_SIZE], const char *time, struct span body, const char *secret)
{
    char digest_name[] = "SHA256";
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string("digest", digest_name, 0), OSSL_PARAM_construct_end()};
    unsigned char digest[DIGEST_BYTES];
    size_t used = strlen(text), length = 0;
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = mac == NULL ? NULL : EVP_MAC_CTX_new(mac);

    if (context == NULL || EVP_MAC_init(context, (const unsigned char *)secret, strlen(secret), parameters) != 1 ||
        EVP_MAC_update(context, (const unsigned char *)time, strlen(time)) != 1 ||
        EVP_MAC_update(context, (const unsigned char *)".", 1) != 1 ||
        EVP_MAC_update(context, (const unsigned char *)body.bytes, body.length) != 1 ||
        EVP_MAC_final(context, digest, &length, sizeof digest) != 1 || length != sizeof digest)
        abort(); // a library without SHA-256, or no memory
    used += (size_t)snprintf(text + used, SIGNATURE_SIZE - used, ",v1=");
    for (size_t i = 0; i < sizeof digest; i++)
        used += (size_t)snprintf(text + used, SIGNATURE_SIZE - used, "%02x", digest[i]);
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(mac);
}

const char *export_sign(char text[SIGNATURE_SIZE], int64_t seconds, struct span body, const char *secret,
                        const char *previous)
{
    char time[24];

    text[0] = '\0';
    if (secret == NULL)
        return text;
    snprintf(time, sizeof time, "%" PRId64, seconds);
    snprintf(text, SIGNATURE_SIZE, "t=%s", time);
    verdict_add_signature(text, time, body, secret);
    if (previous != NULL)
        verdict_add_signature(text, time, body, previous);
    return text;
}
