// plugins/http/ajam_nonce.c: see ajam_nonce.h. A nonce in binary: made, turn, id, and the first half of an HMAC of
// these.
#include "ajam_nonce.h"

#include "text.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NONCE_BYTES (AJAM_NONCE_DIGITS / 2)
#define NONCE_TAG 16
#define NONCE_SLOTS 4096

/** A nonce that has begun a session. */
struct nonce_used {
    struct nonce_used *next;
    struct ajam_nonce nonce;
};

// Global: the nonces of all workers, as a client's next connection may be anywhere. The secret is written before other
// threads exist.
static struct {
    unsigned char secret[32];
    pthread_mutex_t lock; // of the two below
    struct nonce_used *slots[NONCE_SLOTS];
    unsigned count;
} nonces = {.lock = PTHREAD_MUTEX_INITIALIZER};

static uint32_t nonce_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint32_t)now.tv_sec;
}

static void nonce_mac(char purpose, const unsigned char *bytes, size_t length, unsigned char mac[NONCE_TAG])
{
    unsigned char text[NONCE_BYTES], whole[EVP_MAX_MD_SIZE];
    unsigned whole_length = 0;
    text[0] = (unsigned char)purpose;
    memcpy(text + 1, bytes, length);
    if (HMAC(EVP_sha256(), nonces.secret, sizeof nonces.secret, text, length + 1, whole, &whole_length) == NULL ||
        whole_length < NONCE_TAG)
        abort(); // without a signature anybody could make a nonce
    memcpy(mac, whole, NONCE_TAG);
    OPENSSL_cleanse(whole, sizeof whole);
}

static void nonce_write(const struct ajam_nonce *nonce, unsigned char bytes[NONCE_BYTES])
{
    for (unsigned i = 0; i < 4; i++) {
        bytes[i] = (unsigned char)(nonce->made >> (24 - 8 * i));
        bytes[4 + i] = (unsigned char)(nonce->turn >> (24 - 8 * i));
    }
    memcpy(bytes + 8, nonce->id, sizeof nonce->id);
    nonce_mac('n', bytes, NONCE_BYTES - NONCE_TAG, bytes + NONCE_BYTES - NONCE_TAG);
}

bool ajam_nonce_start(void)
{
    return RAND_bytes(nonces.secret, sizeof nonces.secret) == 1;
}

bool ajam_nonce_create(struct ajam_nonce *nonce)
{
    *nonce = (struct ajam_nonce){.made = nonce_now()};
    return RAND_bytes(nonce->id, sizeof nonce->id) == 1;
}

struct ajam_nonce ajam_nonce_next(const struct ajam_nonce *nonce)
{
    struct ajam_nonce next = *nonce;
    next.made = nonce_now();
    next.turn++;
    return next;
}

void ajam_nonce_text(const struct ajam_nonce *nonce, char text[AJAM_NONCE_DIGITS + 1])
{
    unsigned char bytes[NONCE_BYTES];
    nonce_write(nonce, bytes);
    for (size_t i = 0; i < NONCE_BYTES; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

bool ajam_nonce_read(struct amp_bytes text, struct ajam_nonce *nonce)
{
    unsigned char bytes[NONCE_BYTES], tag[NONCE_TAG];
    if (text.length != AJAM_NONCE_DIGITS)
        return false;
    for (size_t i = 0; i < NONCE_BYTES; i++) {
        int high = text_hex_digit(text.bytes[2 * i]), low = text_hex_digit(text.bytes[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i] = (unsigned char)(high * 16 + low);
    }
    nonce_mac('n', bytes, NONCE_BYTES - NONCE_TAG, tag);
    if (CRYPTO_memcmp(tag, bytes + NONCE_BYTES - NONCE_TAG, NONCE_TAG) != 0)
        return false;
    *nonce = (struct ajam_nonce){0};
    for (unsigned i = 0; i < 4; i++) {
        nonce->made = nonce->made << 8 | bytes[i];
        nonce->turn = nonce->turn << 8 | bytes[4 + i];
    }
    memcpy(nonce->id, bytes + 8, sizeof nonce->id);
    return true;
}

bool ajam_nonce_is_fresh(const struct ajam_nonce *nonce)
{
    return nonce_now() - nonce->made <= AJAM_NONCE_LIFE;
}

void ajam_nonce_key(const struct ajam_nonce *nonce, struct amp_key *key)
{
    _Static_assert(sizeof key->bytes == NONCE_TAG, "a key is half an HMAC");
    nonce_mac('k', nonce->id, sizeof nonce->id, key->bytes);
}

// --- which have begun a session ---------------------------------------------------------------------------------

/** Drops the nonces of a slot that are too old. @return is `nonce` among the others? */
static bool nonce_sweep(struct nonce_used **link, const struct ajam_nonce *nonce)
{
    bool found = false;
    while (*link != NULL) {
        struct nonce_used *used = *link;
        if (ajam_nonce_is_fresh(&used->nonce)) {
            found = found || (nonce != NULL && memcmp(used->nonce.id, nonce->id, sizeof nonce->id) == 0);
            link = &used->next;
            continue;
        }
        *link = used->next;
        free(used);
        nonces.count--;
    }
    return found;
}

bool ajam_nonce_use(const struct ajam_nonce *nonce)
{
    struct nonce_used **slot = &nonces.slots[(nonce->id[0] << 8 | nonce->id[1]) % NONCE_SLOTS], *used = NULL;
    pthread_mutex_lock(&nonces.lock);
    bool found = nonce_sweep(slot, nonce);
    for (size_t i = 0; i < NONCE_SLOTS && nonces.count >= AJAM_NONCE_MOST; i++)
        nonce_sweep(&nonces.slots[i], NULL);
    if (!found && nonces.count < AJAM_NONCE_MOST)
        used = malloc(sizeof *used);
    if (used != NULL) {
        *used = (struct nonce_used){*slot, *nonce};
        *slot = used;
        nonces.count++;
    }
    pthread_mutex_unlock(&nonces.lock);
    return used != NULL;
}
