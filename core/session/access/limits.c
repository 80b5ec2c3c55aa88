// core/session/access/limits.c: see limits.h.
#include "session/access/limits_inside.h"

#include "base/memory.h"

#include <stdlib.h>

struct session_limits *session_limits_create(void)
{
    struct session_limits *limits = memory_zero(1, sizeof *limits);

    pthread_mutex_init(&limits->lock, NULL);
    map_init(&limits->members, false);
    map_init(&limits->addresses, false);
    map_init(&limits->users, false);
    return limits;
}

static void limits_free_nodes(struct map *map)
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
    limits_free_nodes(&limits->members);
    limits_free_nodes(&limits->addresses);
    limits_free_nodes(&limits->users);
    free(limits);
}

uint64_t session_limits_next_id(struct session_limits *limits)
{
    return atomic_fetch_add_explicit(&limits->last_id, 1, memory_order_relaxed) + 1;
}

// --- groups ------------------------------------------------------------------------------------------------------

struct group *limits_find_group(const struct map *map, struct span key)
{
    return (struct group *)(void *)map_find(map, 0, key);
}

static struct group *limits_add_to_group(struct map *map, struct span key)
{
    struct group *group = limits_find_group(map, key);

    if (group == NULL) {
        group = memory_zero(1, sizeof *group + key.length + 1);
        memcpy(group->key, key.bytes, key.length);
        map_add(map, &group->node, 0, (struct span){group->key, key.length});
    }
    group->count++;
    return group;
}

static void limits_remove_from_group(struct map *map, struct group *group)
{
    if (group == NULL || --group->count > 0)
        return;
    map_remove(map, &group->node);
    free(group);
}

// --- sessions without a login ------------------------------------------------------------------------------------

static struct span limits_id_key(const uint64_t *id)
{
    return (struct span){(const char *)id, sizeof *id};
}

static struct member *limits_find_member(const struct session_limits *limits, uint64_t id)
{
    return (struct member *)(void *)map_find(&limits->members, 0, limits_id_key(&id));
}

static void limits_add_unauthenticated(struct session_limits *limits, struct member *member, uint64_t now_ms)
{
    struct group *group = member->group;

    member->unauthenticated = true;
    member->since_ms = now_ms;
    list_add_last(&group->unauthenticated, &member->of_address);
    limits->unauthenticated++;
    if (group->unauthenticated_count++ == 0)
        list_add_last(&limits->with_unauthenticated, &group->with_unauthenticated);
}

void limits_remove_unauthenticated(struct session_limits *limits, struct member *member)
{
    struct group *group = member->group;

    if (!member->unauthenticated)
        return;
    member->unauthenticated = false;
    list_remove(&group->unauthenticated, &member->of_address);
    limits->unauthenticated--;
    if (--group->unauthenticated_count == 0)
        list_remove(&limits->with_unauthenticated, &group->with_unauthenticated);
}

/** The bytes by which sessions of `address` are counted. @param address  as for session_limits_enter() */
static struct address limits_address(const char *address)
{
    struct address network = {0};

    if (address != NULL)
        return address_network(address);
    memcpy(network.bytes, limits_balancers, sizeof limits_balancers);
    return network;
}

enum session_limits_answer session_limits_enter(struct session_limits *limits, uint64_t id, const char *address,
                                                const struct config *config, uint64_t now_ms,
                                                struct session_limits_place *place)
{
    struct address network = limits_address(address);
    struct span key = {(const char *)network.bytes, sizeof network.bytes};
    enum session_limits_answer answer;

    *place = (struct session_limits_place){0};
    pthread_mutex_lock(&limits->lock);
    answer = limits_judge(limits, key, config, now_ms, place);
    if (answer == SESSION_LIMITS_ENTERED) {
        struct member *member = memory_zero(1, sizeof *member);
        member->id = id;
        map_add(&limits->members, &member->node, 0, limits_id_key(&member->id));
        member->group = limits_add_to_group(&limits->addresses, key);
        limits_add_unauthenticated(limits, member, now_ms);
    }
    pthread_mutex_unlock(&limits->lock);
    return answer;
}

/** Takes the connection at `place` out of the list. */
static void limits_remove_control(struct session_limits *limits, size_t place)
{
    limits->control_count--;
    memmove(&limits->controls[place], &limits->controls[place + 1],
            (limits->control_count - place) * sizeof limits->controls[0]);
}

uint64_t session_limits_enter_control(struct session_limits *limits, uint64_t id)
{
    uint64_t displaced = 0;

    pthread_mutex_lock(&limits->lock);
    if (limits->control_count == SESSION_LIMITS_CONTROL) {
        displaced = limits->controls[0];
        limits_remove_control(limits, 0);
    }
    limits->controls[limits->control_count++] = id;
    pthread_mutex_unlock(&limits->lock);
    return displaced;
}

static void limits_leave_control(struct session_limits *limits, uint64_t id)
{
    for (size_t i = 0; i < limits->control_count; i++) {
        if (limits->controls[i] == id) {
            limits_remove_control(limits, i);
            return;
        }
    }
}

enum session_limits_answer session_limits_move(struct session_limits *limits, uint64_t id, const char *address,
                                               const struct config *config, uint64_t now_ms,
                                               struct session_limits_place *place)
{
    struct address network = limits_address(address);
    struct span key = {(const char *)network.bytes, sizeof network.bytes};
    enum session_limits_answer answer = SESSION_LIMITS_ENTERED;
    struct member *member;
    struct group *group;

    *place = (struct session_limits_place){0};
    pthread_mutex_lock(&limits->lock);
    member = limits_find_member(limits, id);
    group = limits_find_group(&limits->addresses, key);
    if (member != NULL && member->group != group) {
        if (limits_make_way(limits, member, group, config, now_ms, place)) {
            bool unauthenticated = member->unauthenticated;
            limits_remove_unauthenticated(limits, member);
            limits_remove_from_group(&limits->addresses, member->group);
            member->group = limits_add_to_group(&limits->addresses, key);
            if (unauthenticated)
                limits_add_unauthenticated(limits, member, now_ms);
        } else {
            answer = SESSION_LIMITS_REFUSED;
        }
    }
    pthread_mutex_unlock(&limits->lock);
    return answer;
}

void session_limits_leave(struct session_limits *limits, uint64_t id)
{
    struct member *member;

    pthread_mutex_lock(&limits->lock);
    member = limits_find_member(limits, id);
    if (member != NULL) {
        limits_remove_unauthenticated(limits, member);
        limits_remove_from_group(&limits->addresses, member->group);
        map_remove(&limits->members, &member->node);
        free(member);
    } else {
        limits_leave_control(limits, id);
    }
    pthread_mutex_unlock(&limits->lock);
}

const char *session_limits_log_in(struct session_limits *limits, uint64_t id, const char *user)
{
    struct member *member;
    const char *counted = NULL;

    pthread_mutex_lock(&limits->lock);
    member = limits_find_member(limits, id);
    if (member != NULL)
        limits_remove_unauthenticated(limits, member);
    if (user != NULL)
        counted = limits_add_to_group(&limits->users, span_of(user))->key;
    pthread_mutex_unlock(&limits->lock);
    return counted;
}

void session_limits_log_out(struct session_limits *limits, uint64_t id, const char *user, uint64_t now_ms)
{
    struct member *member;

    pthread_mutex_lock(&limits->lock);
    member = limits_find_member(limits, id);
    if (member != NULL && !member->unauthenticated)
        limits_add_unauthenticated(limits, member, now_ms);
    if (user != NULL)
        limits_remove_from_group(&limits->users, limits_find_group(&limits->users, span_of(user)));
    pthread_mutex_unlock(&limits->lock);
}

void session_limits_set_busy(struct session_limits *limits, uint64_t id, bool busy)
{
    struct member *member;

    pthread_mutex_lock(&limits->lock);
    member = limits_find_member(limits, id);
    if (member != NULL)
        member->busy = busy;
    pthread_mutex_unlock(&limits->lock);
}

bool session_limits_is_full(struct session_limits *limits, const char *user, uint64_t limit)
{
    const struct group *group;
    bool full;

    pthread_mutex_lock(&limits->lock);
    group = limits_find_group(&limits->users, span_of(user));
    full = limit != 0 && group != NULL && group->count >= limit;
    pthread_mutex_unlock(&limits->lock);
    return full;
}
