// core/session/failures.c: see failures.h. A table of fixed size: under attack from many addresses the oldest entry of
// a row gives way, so that guessing costs the attacker and not our memory.
#include "session/failures.h"

#include "base/memory.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 1024
#define PLACES 4
#define WINDOW_MS 60000
#define KEY_SIZE 16

struct place {
    unsigned char key[KEY_SIZE]; // IPv4 as mapped IPv6; IPv6 its first 8 bytes; zeros: unix sockets
    uint64_t since_ms;           // 0: free
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

void failures_destroy(struct failures *failures)
{
    if (failures == NULL)
        return;
    pthread_mutex_destroy(&failures->lock);
    free(failures);
}

static void make_key(const char *address, unsigned char key[KEY_SIZE])
{
    const char *end = strrchr(address, ':');
    bool bracketed = address[0] == '[';
    char host[64] = "";
    size_t length;

    memset(key, 0, KEY_SIZE);
    if (end == NULL || end - address >= (long)sizeof host)
        return;
    length = (size_t)(end - address) - (bracketed ? 2 : 0);
    memcpy(host, address + bracketed, length);
    if (bracketed && inet_pton(AF_INET6, host, key) == 1)
        memset(key + 8, 0, 8);
    else if (inet_pton(AF_INET, host, key + 12) == 1)
        memset(key + 10, 0xff, 2);
}

static struct place *row_of(struct failures *failures, const unsigned char *key)
{
    uint32_t hash = 2166136261U;

    for (int i = 0; i < KEY_SIZE; i++)
        hash = (hash ^ key[i]) * 16777619U;
    return failures->places[hash % ROWS];
}

/** The place of `key` if it is still within its minute, else NULL. */
static struct place *find(struct failures *failures, const unsigned char *key, uint64_t now_ms)
{
    struct place *row = row_of(failures, key);

    for (int i = 0; i < PLACES; i++) {
        if (row[i].since_ms != 0 && now_ms - row[i].since_ms < WINDOW_MS && memcmp(row[i].key, key, KEY_SIZE) == 0)
            return &row[i];
    }
    return NULL;
}

void failures_add(struct failures *failures, const char *address, uint64_t now_ms)
{
    unsigned char key[KEY_SIZE];
    struct place *place;

    make_key(address, key);
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
        memcpy(place->key, key, KEY_SIZE);
    }
    place->count++;
    pthread_mutex_unlock(&failures->lock);
}

bool failures_is_refused(struct failures *failures, const char *address, uint64_t now_ms)
{
    unsigned char key[KEY_SIZE];
    const struct place *place;
    bool refused;

    make_key(address, key);
    pthread_mutex_lock(&failures->lock);
    place = find(failures, key, now_ms);
    refused = place != NULL && place->count >= failures->limit;
    pthread_mutex_unlock(&failures->lock);
    return refused;
}
