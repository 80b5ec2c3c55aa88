// core/ami/fingerprint.c: see fingerprint.h. The first half of SHA-256.
#include "ami/fingerprint.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

/** Ends the program if there is no memory, as memory_new() does. */
static void fingerprint_check(int done)
{
    if (done == 1)
        return;
    fprintf(stderr, "astmanproxy: no digest\n");
    abort();
}

static struct fingerprint fingerprint_of_pieces(const struct span *pieces, int count)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char whole[EVP_MAX_MD_SIZE];
    struct fingerprint result;

    fingerprint_check(context != NULL);
    fingerprint_check(EVP_DigestInit_ex(context, EVP_sha256(), NULL));
    for (int i = 0; i < count; i++)
        fingerprint_check(EVP_DigestUpdate(context, pieces[i].bytes, pieces[i].length));
    fingerprint_check(EVP_DigestFinal_ex(context, whole, NULL));
    EVP_MD_CTX_free(context);
    memcpy(result.bytes, whole, sizeof result.bytes);
    return result;
}

struct fingerprint fingerprint_of(struct span bytes)
{
    return fingerprint_of_pieces(&bytes, 1);
}

struct fingerprint fingerprint_of_message(const struct message *message)
{
    struct span pieces[MESSAGE_SPLICE_PIECES];

    return fingerprint_of_pieces(pieces, message_splice_action_id(message, NULL, pieces));
}

int fingerprint_compare(const struct fingerprint *a, const struct fingerprint *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}
