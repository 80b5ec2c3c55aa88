// core/auth/failures.c: see failures.h. A table of fixed size: under attack from many addresses the oldest entry of
// a row gives way, so that guessing costs the attacker and not our memory.
#include "auth/failures.h"

#include "base/address_rules.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 1024
#define PLACES 4
#define WINDOW_MS 60000

struct place {
    unsigned char key[ADDRESS_BYTES]; // of address_party()
    uint64_t since_ms;                // 0: free
    uint64_t count;
};

struct failures {
    pthread_mutex_t lock;
    uint64_t limit;
    struct place places[ROWS][PLACES];
};

struct failures *failures_create(uint64_t limit)
{
    struct failures *failures = memory_zero(1, sizeof *failures);

    pthread_mutex_init(&failures->lock, NULL);
    failures->limit = limit;
    return failures;
}

void failures_set_limit(struct failures *failures, uint64_t limit)
{
    pthread_mutex_lock(&failures->lock);
    failures->limit = limit;
    pthread_mutex_unlock(&failures->lock);
}

void failures_destroy(struct failures *failures)
{
    if (failures == NULL)
        return;
    pthread_mutex_destroy(&failures->lock);
    free(failures);
}

static struct place *row_of(struct failures *failures, const unsigned char *key)
{
    uint32_t hash = 2166136261U;

    for (int i = 0; i < ADDRESS_BYTES; i++)
        hash = (hash ^ key[i]) * 16777619U;
    return failures->places[hash % ROWS];
}

/** The place of `key` if it is still within its minute, else NULL. */
static struct place *find(struct failures *failures, const unsigned char *key, uint64_t now_ms)
{
    struct place *row = row_of(failures, key);

    for (int i = 0; i < PLACES; i++) {
        if (row[i].since_ms != 0 && now_ms - row[i].since_ms < WINDOW_MS && memcmp(row[i].key, key, ADDRESS_BYTES) == 0)
            return &row[i];
    }
    return NULL;
}

void failures_add(struct failures *failures, const char *address, uint64_t now_ms)
{
    struct address party = address_party(address);
    const unsigned char *key = party.bytes;
    struct place *place;

    pthread_mutex_lock(&failures->lock);
    place = find(failures, key, now_ms);
    if (place == NULL) {
        struct place *row = row_of(failures, key);
        place = row;
        for (int i = 1; i < PLACES; i++) {
            if (row[i].since_ms < place->since_ms)
                place = &row[i];
        }
        *place = (struct place){.since_ms = now_ms};
        memcpy(place->key, key, ADDRESS_BYTES);
    }
    place->count++;
    pthread_mutex_unlock(&failures->lock);
}

bool failures_is_refused(struct failures *failures, const char *address, uint64_t now_ms)
{
    struct address party = address_party(address);
    const struct place *place;
    bool refused;

    pthread_mutex_lock(&failures->lock);
    place = find(failures, party.bytes, now_ms);
    refused = place != NULL && place->count >= failures->limit;
    pthread_mutex_unlock(&failures->lock);
    return refused;
}
