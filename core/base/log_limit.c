// core/base/log_limit.c: see log_limit.h. A small table. Errors that find no room in it because their texts differ too
// much, as texts that strangers choose may, count as one fact of their place.
#include "base/log_limit.h"

#include "base/hash.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define FACTS 256
#define PROBES 8

struct fact {
    const char *site; // NULL: free
    uint64_t hash;    // of an error's text
    uint64_t since_ms, written, left_out;
    int level;
};

// Global: belongs to the log, of which a process has one. All but `total` is behind `lock`.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct fact facts[FACTS];
static uint64_t lines_allowed, interval;
static atomic_uint_fast64_t total;

void log_limit_set(uint64_t lines, uint64_t interval_ms)
{
    pthread_mutex_lock(&lock);
    lines_allowed = lines;
    interval = interval_ms;
    pthread_mutex_unlock(&lock);
}

/** Hashes a text. All numbers in it count as equal. */
static uint64_t hash_of(const char *text)
{
    uint64_t hash = HASH_START;

    for (; text != NULL && *text != '\0'; text++) {
        bool is_digit = *text >= '0' && *text <= '9';
        if (is_digit && text[1] >= '0' && text[1] <= '9')
            continue;
        hash = hash_step(hash, (unsigned char)(is_digit ? '0' : *text));
    }
    return hash;
}

static bool is_over(const struct fact *fact, uint64_t now_ms)
{
    return now_ms - fact->since_ms >= interval;
}

/** Returns the slot of the fact, or one that it can take over; NULL: there is none. */
static struct fact *find_fact(const char *site, uint64_t hash, uint64_t now_ms)
{
    uint64_t start = (hash ^ (uintptr_t)site >> 3) * 0x9e3779b97f4a7c15U >> 32;
    struct fact *room = NULL;

    for (unsigned i = 0; i < PROBES; i++) {
        struct fact *fact = &facts[(start + i) % FACTS];
        if (fact->site == site && fact->hash == hash)
            return fact;
        if (room == NULL && (fact->site == NULL || (fact->left_out == 0 && is_over(fact, now_ms))))
            room = fact;
    }
    if (room != NULL)
        *room = (struct fact){.site = site, .hash = hash, .since_ms = now_ms};
    return room;
}

bool log_limit_pass(const char *site, const char *text, int level, uint64_t now_ms)
{
    uint64_t hash = hash_of(text);
    bool may = true;

    pthread_mutex_lock(&lock);
    struct fact *fact = lines_allowed == 0 ? NULL : find_fact(site, hash, now_ms);
    if (fact == NULL && lines_allowed != 0 && text != NULL)
        fact = find_fact(site, hash_of(NULL), now_ms);
    if (fact != NULL) {
        if (is_over(fact, now_ms) && fact->left_out == 0) {
            fact->since_ms = now_ms;
            fact->written = 0;
        }
        fact->level = level;
        may = fact->written < lines_allowed;
        fact->written += may;
        fact->left_out += !may;
        if (!may)
            atomic_fetch_add_explicit(&total, 1, memory_order_relaxed);
    }
    pthread_mutex_unlock(&lock);
    return may;
}

bool log_limit_take(uint64_t now_ms, const char **site, int *level, uint64_t *count)
{
    bool found = false;

    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < FACTS && !found; i++) {
        struct fact *fact = &facts[i];
        if (fact->site == NULL || fact->left_out == 0 || !is_over(fact, now_ms))
            continue;
        *site = fact->site;
        *level = fact->level;
        *count = fact->left_out;
        fact->left_out = fact->written = 0;
        fact->since_ms = now_ms;
        found = true;
    }
    pthread_mutex_unlock(&lock);
    return found;
}

uint64_t log_limit_total(void)
{
    return atomic_load_explicit(&total, memory_order_relaxed);
}
