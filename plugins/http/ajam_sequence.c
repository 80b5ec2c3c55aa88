// plugins/http/ajam_sequence.c: see ajam_sequence.h.
#include "ajam_sequence.h"

#include "ajam_digest.h"
#include "text.h"

#include <stdlib.h>

struct ajam_sequence {
    struct ajam_nonce nonce; // the one that is good
    bool used;               // … and was used
    uint64_t nc;             // … with this number last; of RFC 2069, which has none, 0
    size_t user_length;
    char user[];
};

bool ajam_sequence_read(struct amp_bytes *request, struct amp_digest *digest)
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

static uint64_t sequence_number(struct amp_bytes hex)
{
    uint64_t number = 0;
    for (size_t i = 0; i < hex.length && i < 8; i++)
        number = number << 4 | (uint64_t)text_hex_digit(hex.bytes[i]);
    return number;
}

struct ajam_sequence *ajam_sequence_create(const struct amp_digest *digest)
{
    struct ajam_sequence *sequence = calloc(1, sizeof *sequence + digest->user.length);
    if (sequence == NULL || !ajam_nonce_read(digest->nonce, &sequence->nonce)) {
        free(sequence);
        return NULL;
    }
    sequence->used = true;
    sequence->nc = sequence_number(digest->nc);
    sequence->user_length = digest->user.length;
    memcpy(sequence->user, digest->user.bytes, digest->user.length);
    return sequence;
}

bool ajam_sequence_is_of(const struct ajam_sequence *sequence, const struct amp_digest *digest)
{
    return sequence->user_length == digest->user.length &&
           memcmp(sequence->user, digest->user.bytes, sequence->user_length) == 0;
}

bool ajam_sequence_accept(struct ajam_sequence *sequence, const struct amp_digest *digest,
                          char nonce[AJAM_NONCE_DIGITS + 1])
{
    struct ajam_nonce given = {0};
    uint64_t number = sequence_number(digest->nc);
    bool is_present = ajam_nonce_read(digest->nonce, &given) && given.turn == sequence->nonce.turn;
    bool is_fresh = ajam_nonce_is_fresh(&sequence->nonce);
    if (is_present && is_fresh && (!sequence->used || number > sequence->nc)) {
        sequence->used = true;
        sequence->nc = number;
        return true;
    }
    if (is_present || !is_fresh) { // an older one changes nothing: its client has not heard of the present one yet
        sequence->nonce = ajam_nonce_next(&sequence->nonce);
        sequence->used = false;
        sequence->nc = 0;
    }
    ajam_nonce_text(&sequence->nonce, nonce);
    return false;
}

void ajam_sequence_destroy(struct ajam_sequence *sequence)
{
    free(sequence);
}
