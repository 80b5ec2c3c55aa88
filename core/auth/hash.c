// core/auth/hash.c: see hash.h. libcrypt knows the methods. The lengths of their digests are known here, so that an
// incomplete hash is found when the configuration is read, not when its user cannot log in.
#include "auth/hash.h"

#include "base/memory.h"

#include <crypt.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#define BCRYPT_BYTES 60
#define BCRYPT_COST_MAX 15 // takes a second or more
#define ROUNDS_MAX 5000000L
#define YESCRYPT_COST_MAX 'F' // the highest of crypt_gensalt(3): 1 GiB of memory
#define SCRYPT_COST_MAX 'I'   // 2^20

// clang-format off
static const struct method {
    const char *name;
    size_t digest_bytes; // length of the digest, after the last `$`
    size_t cost_fields;  // number of `$` fields after the name that define the cost
} methods[] = {
    {"2a", 0, 1}, {"2b", 0, 1}, {"2x", 0, 1}, {"2y", 0, 1}, // salt and digest are one field
    {"y", 43, 1}, {"gy", 43, 1}, {"7", 43, 0}, {"6", 86, 0}, {"5", 43, 0}, {"1", 22, 0}, {"3", 32, 0},
    {"sha1", 28, 1}, {"md5", 22, 0},
};
// clang-format on

static size_t name_length(const char *text)
{
    return strspn(text + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
}

bool hash_is_like(const char *text)
{
    return text[0] == '$' && name_length(text) > 0 && text[1 + name_length(text)] == '$';
}

bool hash_is_known(const char *text)
{
    int verdict;

    if (text[0] != '$' || strchr(text + 1, '$') == NULL)
        return false; // libcrypt takes any two letters for a traditional DES hash
    verdict = crypt_checksalt(text);
    return verdict == CRYPT_SALT_OK || verdict == CRYPT_SALT_METHOD_LEGACY || verdict == CRYPT_SALT_METHOD_DISABLED ||
           verdict == CRYPT_SALT_TOO_CHEAP;
}

static const struct method *method_of(const char *hash)
{
    size_t length = name_length(hash);

    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (strlen(methods[i].name) == length && memcmp(methods[i].name, hash + 1, length) == 0)
            return &methods[i];
    return NULL;
}

/** Returns the number after `label` in the hash; 0: there is none. */
static long number_after(const char *hash, const char *label)
{
    const char *found = strstr(hash, label);

    return found == NULL ? 0 : strtol(found + strlen(label), NULL, 10);
}

static bool is_costly(const char *hash)
{
    if (strncmp(hash, "$2", 2) == 0)
        return strtol(hash + 4, NULL, 10) > BCRYPT_COST_MAX;
    if (strncmp(hash, "$y$j", 4) == 0 || strncmp(hash, "$gy$j", 5) == 0)
        return strchr(hash, 'j')[1] > YESCRYPT_COST_MAX;
    if (strncmp(hash, "$7$", 3) == 0)
        return hash[3] > SCRYPT_COST_MAX;
    return number_after(hash, "rounds=") > ROUNDS_MAX || number_after(hash, "$sha1$") > ROUNDS_MAX;
}

static bool is_whole(const char *hash, const struct method *method)
{
    static const char digits[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const char *digest = strrchr(hash, '$') + 1;

    if (strspn(digest, digits) != strlen(digest))
        return false;
    if (method->digest_bytes == 0)
        return strlen(hash) == BCRYPT_BYTES && hash[6] == '$';
    return strlen(digest) == method->digest_bytes;
}

const char *hash_fault(const char *hash)
{
    const struct method *method = method_of(hash);

    if (crypt_checksalt(hash) == CRYPT_SALT_METHOD_DISABLED)
        return "a hash of a method that this system does not allow";
    if (method != NULL && !is_whole(hash, method))
        return "an incomplete hash";
    return is_costly(hash) ? "a hash that is too costly: its checks would delay all logins" : NULL;
}

/** Returns the offset after the next `$`, or the end. */
static size_t skip_field(const char *hash, size_t at)
{
    size_t length = strcspn(hash + at, "$");

    return at + length + (hash[at + length] == '$');
}

size_t hash_cost_length(const char *hash)
{
    const struct method *method = method_of(hash);
    size_t at = skip_field(hash, 1);

    for (size_t i = 0; method != NULL && i < method->cost_fields; i++)
        at = skip_field(hash, at);
    if (strncmp(hash, "$7$", 3) == 0)
        return strnlen(hash, 14); // N, r and p have fixed lengths
    if (strncmp(hash + at, "rounds=", 7) == 0)
        at = skip_field(hash, at);
    return at;
}

enum hash_result hash_check(const char *phrase, const char *hash)
{
    enum hash_result result = HASH_WRONG;
    struct crypt_data *data = memory_zero(1, sizeof *data);
    const char *made;

    errno = 0;
    made = crypt_rn(phrase, hash, data, sizeof *data);
    if (made == NULL && errno == ENOMEM)
        result = HASH_FAILED;
    else if (made != NULL && made[0] != '*' && strlen(made) == strlen(hash) &&
             CRYPTO_memcmp(made, hash, strlen(hash)) == 0)
        result = HASH_RIGHT;
    OPENSSL_cleanse(data, sizeof *data);
    free(data);
    return result;
}
