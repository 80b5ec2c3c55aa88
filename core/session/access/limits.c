// core/session/access/limits.c: see limits.h.
#include "session/access/limits.h"

#include "base/address_rules.h"
#include "base/list.h"
#include "base/map.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdlib.h>

#define LOOKED_AT 1024 // addresses, when the one that has most is looked for: more are not compared at once

struct member;

/** An address or a user, and how many sessions. */
struct party {
    struct map_node node; // first, so that one is the other
    uint64_t count;
    // of an address:
    struct list_head strangers; // sessions that have not logged in: struct member, oldest first
    uint64_t stranger_count;
    struct list_node with_strangers; // in the limits' list of that name, while it has any
    char key[];
};

/** A session. */
struct member {
    struct map_node node; // first
    uint64_t id;
    struct party *party;
    struct list_node of_address; // among the strangers of its address
    uint64_t since_ms;           // when it became a stranger
    bool stranger;               // has not logged in
    bool busy;
};

struct session_limits {
    pthread_mutex_t lock;
    uint64_t strangers;
    struct map members, addresses, users;
    struct list_head with_strangers; // addresses: struct party; the one that is looked at next comes first
};

struct session_limits *session_limits_create(void)
{
    struct session_limits *limits = memory_zero(1, sizeof *limits);

    pthread_mutex_init(&limits->lock, NULL);
    map_init(&limits->members, false);
    map_init(&limits->addresses, false);
    map_init(&limits->users, false);
    return limits;
}

static void free_nodes(struct map *map)
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

void session_limits_destroy(struct session_limits *limits)
{
    if (limits == NULL)
        return;
    pthread_mutex_destroy(&limits->lock);
    free_nodes(&limits->members);
    free_nodes(&limits->addresses);
    free_nodes(&limits->users);
    free(limits);
}

// --- parties --------------------------------------------------------------------------------------------------------

static struct party *find_party(const struct map *map, struct span key)
{
    return (struct party *)(void *)map_find(map, 0, key);
}

static struct party *add_to_party(struct map *map, struct span key)
{
    struct party *party = find_party(map, key);

    if (party == NULL) {
        party = memory_zero(1, sizeof *party + key.length + 1);
        memcpy(party->key, key.bytes, key.length);
        map_add(map, &party->node, 0, (struct span){party->key, key.length});
    }
    party->count++;
    return party;
}

static void take_from_party(struct map *map, struct party *party)
{
    if (party == NULL || --party->count > 0)
        return;
    map_remove(map, &party->node);
    free(party);
}

// --- strangers ------------------------------------------------------------------------------------------------------

static struct span id_key(const uint64_t *id)
{
    return (struct span){(const char *)id, sizeof *id};
}

static struct member *find_member(const struct session_limits *limits, uint64_t id)
{
    return (struct member *)(void *)map_find(&limits->members, 0, id_key(&id));
}

static void add_stranger(struct session_limits *limits, struct member *member, uint64_t now_ms)
{
    struct party *party = member->party;

    member->stranger = true;
    member->since_ms = now_ms;
    list_add_last(&party->strangers, &member->of_address);
    limits->strangers++;
    if (party->stranger_count++ == 0)
        list_add_last(&limits->with_strangers, &party->with_strangers);
}

static void take_stranger(struct session_limits *limits, struct member *member)
{
    struct party *party = member->party;

    if (!member->stranger)
        return;
    member->stranger = false;
    list_remove(&party->strangers, &member->of_address);
    limits->strangers--;
    if (--party->stranger_count == 0)
        list_remove(&limits->with_strangers, &party->with_strangers);
}

/** The stranger of `party` that is idle and was there first; NULL: all are busy, or have just come. */
static struct member *idle_of(const struct party *party, uint64_t now_ms)
{
    struct member *member = LIST_FIRST(&party->strangers, struct member, of_address);

    while (member != NULL && member->busy && now_ms - member->since_ms >= CROWD_GRACE_MS)
        member = LIST_NEXT(member, struct member, of_address);
    return member != NULL && now_ms - member->since_ms >= CROWD_GRACE_MS ? member : NULL;
}

/** The idle stranger of the address that has most, if it has more than `count`. */
static struct member *idle_of_most(struct session_limits *limits, uint64_t count, uint64_t now_ms)
{
    const struct list_node *last = limits->with_strangers.last;
    struct list_node *node = limits->with_strangers.first;
    struct member *found = NULL;
    bool is_last = node == NULL;

    for (size_t i = 0; !is_last && i < LOOKED_AT; i++) {
        const struct party *party = LIST_OBJECT(node, struct party, with_strangers);
        struct member *idle = party->stranger_count > count ? idle_of(party, now_ms) : NULL;
        if (idle != NULL) {
            found = idle;
            count = party->stranger_count;
        }
        is_last = node == last;
        list_remove(&limits->with_strangers, node); // the next search begins behind the addresses of this one
        list_add_last(&limits->with_strangers, node);
        node = limits->with_strangers.first;
    }
    return found;
}

/** Makes room for one more stranger. @return false: there is none now */
static bool make_room(struct session_limits *limits, const struct party *party, const struct config *config,
                      uint64_t now_ms, struct session_limits_place *place)
{
    uint64_t share = config->limits.unauthenticated_per_address, count = party == NULL ? 0 : party->stranger_count;
    struct member *idle = NULL;

    if (!config->auth.required)
        return true; // nobody logs in
    if (share != 0 && count >= share) {
        place->reason = "Too many sessions of this address that have not logged in";
        idle = idle_of(party, now_ms);
    } else if (limits->strangers >= config->limits.unauthenticated) {
        place->reason = "Too many sessions that have not logged in";
        idle = idle_of_most(limits, count, now_ms);
        if (idle == NULL && party != NULL)
            idle = idle_of(party, now_ms);
    } else {
        return true;
    }
    if (idle == NULL)
        return false;
    place->displaced = idle->id;
    take_stranger(limits, idle);
    return true;
}

static enum session_limits_answer judge(struct session_limits *limits, struct span address, const struct config *config,
                                        uint64_t now_ms, struct session_limits_place *place)
{
    const struct party *party = find_party(&limits->addresses, address);

    if (limits->members.count >= config->limits.sessions)
        place->reason = "Too many sessions";
    else if (config->limits.per_address != 0 && party != NULL && party->count >= config->limits.per_address)
        place->reason = "Too many sessions of this address";
    if (place->reason != NULL)
        return CROWD_REFUSED;
    return make_room(limits, party, config, now_ms, place) ? CROWD_COMES : CROWD_WAITS;
}

enum session_limits_answer session_limits_enter(struct session_limits *limits, uint64_t id, const char *address,
                                                const struct config *config, uint64_t now_ms,
                                                struct session_limits_place *place)
{
    struct address party = address_party(address);
    struct span key = {(const char *)party.bytes, sizeof party.bytes};
    enum session_limits_answer answer;

    *place = (struct session_limits_place){0};
    pthread_mutex_lock(&limits->lock);
    answer = judge(limits, key, config, now_ms, place);
    if (answer == CROWD_COMES) {
        struct member *member = memory_zero(1, sizeof *member);
        member->id = id;
        map_add(&limits->members, &member->node, 0, id_key(&member->id));
        member->party = add_to_party(&limits->addresses, key);
        add_stranger(limits, member, now_ms);
    }
    pthread_mutex_unlock(&limits->lock);
    return answer;
}

void session_limits_leave(struct session_limits *limits, uint64_t id)
{
    struct member *member;

    pthread_mutex_lock(&limits->lock);
    member = find_member(limits, id);
    if (member != NULL) {
        take_stranger(limits, member);
        take_from_party(&limits->addresses, member->party);
        map_remove(&limits->members, &member->node);
        free(member);
    }
    pthread_mutex_unlock(&limits->lock);
}

void session_limits_log_in(struct session_limits *limits, uint64_t id, const char *user)
{
    struct member *member;

    pthread_mutex_lock(&limits->lock);
    member = find_member(limits, id);
    if (member != NULL)
        take_stranger(limits, member);
    if (user != NULL)
        add_to_party(&limits->users, span_of(user));
    pthread_mutex_unlock(&limits->lock);
}

void session_limits_log_out(struct session_limits *limits, uint64_t id, const char *user, uint64_t now_ms)
{
    struct member *member;

    pthread_mutex_lock(&limits->lock);
    member = find_member(limits, id);
    if (member != NULL && !member->stranger)
        add_stranger(limits, member, now_ms);
    if (user != NULL)
        take_from_party(&limits->users, find_party(&limits->users, span_of(user)));
    pthread_mutex_unlock(&limits->lock);
}

void session_limits_set_busy(struct session_limits *limits, uint64_t id, bool busy)
{
    struct member *member;

    pthread_mutex_lock(&limits->lock);
    member = find_member(limits, id);
    if (member != NULL)
        member->busy = busy;
    pthread_mutex_unlock(&limits->lock);
}

bool session_limits_is_full(struct session_limits *limits, const char *user, uint64_t limit)
{
    const struct party *party;
    bool full;

    pthread_mutex_lock(&limits->lock);
    party = find_party(&limits->users, span_of(user));
    full = limit != 0 && party != NULL && party->count >= limit;
    pthread_mutex_unlock(&limits->lock);
    return full;
}
