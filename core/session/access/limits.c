// core/session/access/limits.c: see limits.h.
#include "session/access/limits.h"

#include "base/address_rules.h"
#include "base/map.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdlib.h>

/** An address or a user, and how many sessions. */
struct party {
    struct map_node node; // first, so that one is the other
    uint64_t count;
    char key[];
};

struct crowd {
    pthread_mutex_t lock;
    uint64_t total, strangers; // strangers: have not logged in
    struct map addresses, users;
};

struct crowd *crowd_create(void)
{
    struct crowd *crowd = memory_zero(1, sizeof *crowd);

    pthread_mutex_init(&crowd->lock, NULL);
    map_init(&crowd->addresses, false);
    map_init(&crowd->users, false);
    return crowd;
}

static void free_parties(struct map *map)
{
    for (size_t i = 0; i < map->size; i++) {
        while (map->slots[i] != NULL) {
            struct map_node *node = map->slots[i];
            map_remove(map, node);
            free(node);
        }
    }
    map_fini(map);
}

void crowd_destroy(struct crowd *crowd)
{
    if (crowd == NULL)
        return;
    pthread_mutex_destroy(&crowd->lock);
    free_parties(&crowd->addresses);
    free_parties(&crowd->users);
    free(crowd);
}

static uint64_t count_of(const struct map *map, struct span key)
{
    const struct map_node *node = map_find(map, 0, key);

    return node == NULL ? 0 : ((const struct party *)(const void *)node)->count;
}

static void add(struct map *map, struct span key)
{
    struct party *party = (struct party *)(void *)map_find(map, 0, key);

    if (party == NULL) {
        party = memory_zero(1, sizeof *party + key.length + 1);
        memcpy(party->key, key.bytes, key.length);
        map_add(map, &party->node, 0, (struct span){party->key, key.length});
    }
    party->count++;
}

static void take(struct map *map, struct span key)
{
    struct party *party = (struct party *)(void *)map_find(map, 0, key);

    if (party == NULL || --party->count > 0)
        return;
    map_remove(map, &party->node);
    free(party);
}

const char *crowd_enter(struct crowd *crowd, const char *address, const struct config *config)
{
    struct address party = address_party(address);
    struct span place = {(const char *)party.bytes, sizeof party.bytes};
    const char *reason = NULL;

    pthread_mutex_lock(&crowd->lock);
    if (crowd->total >= config->limits.sessions)
        reason = "Too many sessions";
    else if (config->auth.required && crowd->strangers >= config->limits.unauthenticated)
        reason = "Too many sessions that have not logged in";
    else if (config->limits.per_address != 0 && count_of(&crowd->addresses, place) >= config->limits.per_address)
        reason = "Too many sessions of this address";
    if (reason == NULL) {
        crowd->total++;
        crowd->strangers++;
        add(&crowd->addresses, place);
    }
    pthread_mutex_unlock(&crowd->lock);
    return reason;
}

void crowd_leave(struct crowd *crowd, const char *address)
{
    struct address party = address_party(address);

    pthread_mutex_lock(&crowd->lock);
    crowd->total--;
    crowd->strangers--;
    take(&crowd->addresses, (struct span){(const char *)party.bytes, sizeof party.bytes});
    pthread_mutex_unlock(&crowd->lock);
}

void crowd_log_in(struct crowd *crowd, const char *user)
{
    pthread_mutex_lock(&crowd->lock);
    crowd->strangers--;
    if (user != NULL)
        add(&crowd->users, span_of(user));
    pthread_mutex_unlock(&crowd->lock);
}

void crowd_log_out(struct crowd *crowd, const char *user)
{
    pthread_mutex_lock(&crowd->lock);
    crowd->strangers++;
    if (user != NULL)
        take(&crowd->users, span_of(user));
    pthread_mutex_unlock(&crowd->lock);
}

bool crowd_is_full(struct crowd *crowd, const char *user, uint64_t limit)
{
    pthread_mutex_lock(&crowd->lock);
    bool full = limit != 0 && count_of(&crowd->users, span_of(user)) >= limit;
    pthread_mutex_unlock(&crowd->lock);
    return full;
}
