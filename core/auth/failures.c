// core/auth/failures.c: see failures.h. The tables have a fixed size, so that an attack from many addresses cannot use
// up memory: in a full row, the entry that matters least is replaced.
#include "auth/failures.h"

#include "base/hash.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 1024
#define PLACES 4

struct place {
    struct failures_key key;
    uint64_t since_ms; // 0: free
    uint64_t count;
};

struct table {
    uint64_t life_ms;
    struct place places[ROWS][PLACES];
};

struct failures {
    pthread_mutex_t lock; // protects all fields below, except `seed`
    uint64_t limit;
    uint64_t seed;
    struct table users;     // failures of a user at an address
    struct table addresses; // failures of an address; the user is 0
    struct table known;     // successful logins of a user at an address
};

struct failures *failures_create(uint64_t limit)
{
    struct failures *failures = memory_zero(1, sizeof *failures);

    pthread_mutex_init(&failures->lock, NULL);
    failures->limit = limit;
    failures->seed = hash_seed();
    failures->users.life_ms = failures->addresses.life_ms = FAILURES_WINDOW_MS;
    failures->known.life_ms = FAILURES_KNOWN_MS;
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

struct failures_key failures_key(const struct failures *failures, const char *address, struct span user)
{
    struct address network = address_network(address);
    struct failures_key key;

    memcpy(key.network, network.bytes, sizeof key.network);
    key.user = hash_mix(hash_span(failures->seed, user)) | 1; // never 0, which means the address as a whole
    return key;
}

static bool is_equal(const struct failures_key *one, const struct failures_key *other)
{
    return one->user == other->user && memcmp(one->network, other->network, sizeof one->network) == 0;
}

static struct place *failures_row_of(const struct failures *failures, struct table *table,
                                     const struct failures_key *key)
{
    uint64_t hash = hash_step(hash_bytes(failures->seed, key->network, sizeof key->network), key->user);

    return table->places[hash_mix(hash) % ROWS];
}

static bool is_in_force(const struct table *table, const struct place *place, uint64_t now_ms)
{
    return place->since_ms != 0 && now_ms - place->since_ms < table->life_ms;
}

/** Finds the entry of `key`. @return NULL: there is none, or it has expired */
static struct place *failures_find(const struct failures *failures, struct table *table, const struct failures_key *key,
                                   uint64_t now_ms)
{
    struct place *row = failures_row_of(failures, table, key);

    for (int i = 0; i < PLACES; i++) {
        if (is_in_force(table, &row[i], now_ms) && is_equal(&row[i].key, key))
            return &row[i];
    }
    return NULL;
}

/** Is `one` replaced before `other`? The entry with the most failures stays. So many names with one failure each cannot
 *  displace the name that somebody guesses at. */
static bool gives_way_before(const struct table *table, const struct place *one, const struct place *other,
                             uint64_t now_ms)
{
    bool in_force = is_in_force(table, one, now_ms);

    if (in_force != is_in_force(table, other, now_ms))
        return !in_force;
    return one->count != other->count ? one->count < other->count : one->since_ms < other->since_ms;
}

/** Finds the entry of `key`, or creates one. */
static struct place *failures_take_place(const struct failures *failures, struct table *table,
                                         const struct failures_key *key, uint64_t now_ms)
{
    struct place *place = failures_find(failures, table, key, now_ms), *row;

    if (place != NULL)
        return place;
    row = place = failures_row_of(failures, table, key);
    for (int i = 1; i < PLACES; i++) {
        if (gives_way_before(table, &row[i], place, now_ms))
            place = &row[i];
    }
    *place = (struct place){.key = *key, .since_ms = now_ms};
    return place;
}

static struct failures_key whole_address(const struct failures_key *key)
{
    struct failures_key whole = *key;

    whole.user = 0;
    return whole;
}

void failures_add(struct failures *failures, const struct failures_key *key, uint64_t now_ms)
{
    struct failures_key address = whole_address(key);

    pthread_mutex_lock(&failures->lock);
    failures_take_place(failures, &failures->users, key, now_ms)->count++;
    failures_take_place(failures, &failures->addresses, &address, now_ms)->count++;
    pthread_mutex_unlock(&failures->lock);
}

void failures_succeeded(struct failures *failures, const struct failures_key *key, uint64_t now_ms)
{
    struct place *place;

    pthread_mutex_lock(&failures->lock);
    place = failures_take_place(failures, &failures->known, key, now_ms);
    place->since_ms = now_ms; // counts from the last success
    place->count = 1;         // equal counts, so that the oldest is replaced
    pthread_mutex_unlock(&failures->lock);
}

uint64_t failures_forget(struct failures *failures, const char *address)
{
    struct table *tables[] = {&failures->users, &failures->addresses};
    struct address network = address_network(address);
    uint64_t count = 0;

    pthread_mutex_lock(&failures->lock);
    for (size_t i = 0; i < 2 * (size_t)ROWS * PLACES; i++) {
        struct place *place = &tables[i % 2]->places[i / 2 / PLACES][i / 2 % PLACES];
        if (place->since_ms == 0 || memcmp(place->key.network, network.bytes, sizeof network.bytes) != 0)
            continue;
        count += i % 2 == 0;
        *place = (struct place){0};
    }
    pthread_mutex_unlock(&failures->lock);
    return count;
}

static uint64_t failures_count_of(const struct failures *failures, struct table *table, const struct failures_key *key,
                                  uint64_t now_ms)
{
    const struct place *place = failures_find(failures, table, key, now_ms);

    return place == NULL ? 0 : place->count;
}

enum failures_standing failures_standing(struct failures *failures, const struct failures_key *key, uint64_t now_ms)
{
    struct failures_key address = whole_address(key);
    uint64_t of_user, of_address, limit;
    bool known;

    pthread_mutex_lock(&failures->lock);
    of_user = failures_count_of(failures, &failures->users, key, now_ms);
    of_address = failures_count_of(failures, &failures->addresses, &address, now_ms);
    known = failures_find(failures, &failures->known, key, now_ms) != NULL;
    limit = failures->limit;
    pthread_mutex_unlock(&failures->lock);
    if (of_user >= limit || (of_user > 0 && of_address / FAILURES_ADDRESS_TIMES >= limit && !known))
        return FAILURES_REFUSED;
    if (known)
        return FAILURES_KNOWN;
    return of_user > 0 || of_address >= limit ? FAILURES_SUSPECT : FAILURES_NEW;
}

bool failures_is_refused(struct failures *failures, const struct failures_key *key, uint64_t now_ms)
{
    return failures_standing(failures, key, now_ms) == FAILURES_REFUSED;
}
