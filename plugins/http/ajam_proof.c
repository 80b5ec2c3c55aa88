// plugins/http/ajam_proof.c: see ajam_proof.h.
#include "ajam_proof.h"

#include "ajam_digest.h"
#include "text.h"

#include <stdlib.h>

struct ajam_proof {
    struct ajam_nonce nonce; // the one that is good
    bool used;               // … and was used
    uint64_t nc;             // … with this number last; of RFC 2069, which has none, 0
    size_t user_length;
    char user[];
};

bool ajam_proof_read(struct amp_bytes *request, struct amp_digest *digest)
{
    struct amp_bytes *const fields[] = {&digest->user, &digest->method, &digest->uri,     &digest->nonce,
                                        &digest->nc,   &digest->cnonce, &digest->response};
    *digest = (struct amp_digest){.size = sizeof *digest, .realm = text_of(AJAM_REALM)};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (!text_next(request, '\0', fields[i]))
            return false;
    }
    return true;
}

static uint64_t proof_number(struct amp_bytes hex)
{
    uint64_t number = 0;
    for (size_t i = 0; i < hex.length && i < 8; i++)
        number = number << 4 | (uint64_t)text_hex_digit(hex.bytes[i]);
    return number;
}

struct ajam_proof *ajam_proof_create(const struct amp_digest *digest)
{
    struct ajam_proof *proof = calloc(1, sizeof *proof + digest->user.length);
    if (proof == NULL || !ajam_nonce_read(digest->nonce, &proof->nonce)) {
        free(proof);
        return NULL;
    }
    proof->used = true;
    proof->nc = proof_number(digest->nc);
    proof->user_length = digest->user.length;
    memcpy(proof->user, digest->user.bytes, digest->user.length);
    return proof;
}

bool ajam_proof_is_of(const struct ajam_proof *proof, const struct amp_digest *digest)
{
    return proof->user_length == digest->user.length &&
           memcmp(proof->user, digest->user.bytes, proof->user_length) == 0;
}

bool ajam_proof_accept(struct ajam_proof *proof, const struct amp_digest *digest, char nonce[AJAM_NONCE_DIGITS + 1])
{
    struct ajam_nonce given = {0};
    uint64_t number = proof_number(digest->nc);
    bool is_present = ajam_nonce_read(digest->nonce, &given) && given.turn == proof->nonce.turn;
    bool is_fresh = ajam_nonce_is_fresh(&proof->nonce);
    if (is_present && is_fresh && (!proof->used || number > proof->nc)) {
        proof->used = true;
        proof->nc = number;
        return true;
    }
    if (is_present || !is_fresh) { // an older one changes nothing: its client has not heard of the present one yet
        proof->nonce = ajam_nonce_next(&proof->nonce);
        proof->used = false;
        proof->nc = 0;
    }
    ajam_nonce_text(&proof->nonce, nonce);
    return false;
}

void ajam_proof_destroy(struct ajam_proof *proof)
{
    free(proof);
}
