// core/session/access/limits_room.c: whether there is room for a session, and who makes room.
#include "session/access/limits_inside.h"

#define FULL_REASON "Too many sessions of this address"
#define SHARE_REASON "Too many sessions of this address that have not logged in"
#define LOOKED_AT 1024 // most addresses that one search for the largest compares

/** Returns the oldest idle member of `group` that has not logged in; NULL: all are busy or new. */
static struct member *limits_idle_of(const struct group *group, uint64_t now_ms)
{
    struct member *member = LIST_FIRST(&group->unauthenticated, struct member, of_address);

    while (member != NULL && member->busy && now_ms - member->since_ms >= SESSION_LIMITS_GRACE_MS)
        member = LIST_NEXT(member, struct member, of_address);
    return member != NULL && now_ms - member->since_ms >= SESSION_LIMITS_GRACE_MS ? member : NULL;
}

/** Returns the oldest idle member of the address with most unauthenticated members, if it has more than `count`; else
 *  NULL. */
static struct member *limits_idle_of_largest(struct session_limits *limits, uint64_t count, uint64_t now_ms)
{
    const struct list_node *last = limits->with_unauthenticated.last;
    struct list_node *node = limits->with_unauthenticated.first;
    struct member *found = NULL;
    bool is_last = node == NULL;

    for (size_t i = 0; !is_last && i < LOOKED_AT; i++) {
        const struct group *group = LIST_OBJECT(node, struct group, with_unauthenticated);
        struct member *idle = group->unauthenticated_count > count ? limits_idle_of(group, now_ms) : NULL;
        if (idle != NULL) {
            found = idle;
            count = group->unauthenticated_count;
        }
        is_last = node == last;
        list_remove(&limits->with_unauthenticated, node); // the next search begins after the addresses of this one
        list_add_last(&limits->with_unauthenticated, node);
        node = limits->with_unauthenticated.first;
    }
    return found;
}

/** Do the limits of one address apply to this one? @param group  of an address; NULL: it has no sessions */
static bool limits_is_limited(const struct group *group)
{
    return group != NULL && memcmp(group->key, limits_balancers, sizeof limits_balancers) != 0;
}

/** Has the address as many sessions as it may have? */
static bool limits_is_full(const struct group *group, const struct config *config)
{
    return config->limits.per_address != 0 && limits_is_limited(group) && group->count >= config->limits.per_address;
}

/** Has the address as many sessions without a login as it may have? */
static bool limits_has_share(const struct group *group, const struct config *config)
{
    uint64_t share = config->limits.unauthenticated_per_address;

    return share != 0 && limits_is_limited(group) && group->unauthenticated_count >= share;
}

/** Makes room for one more unauthenticated session. @return false: there is no room now */
static bool limits_make_room(struct session_limits *limits, const struct group *group, const struct config *config,
                             uint64_t now_ms, struct session_limits_place *place)
{
    uint64_t count = group == NULL ? 0 : group->unauthenticated_count;
    struct member *idle = NULL;

    if (!config->auth.required)
        return true; // nobody logs in
    if (limits_has_share(group, config)) {
        place->reason = SHARE_REASON;
        idle = limits_idle_of(group, now_ms);
    } else if (limits->unauthenticated >= config->limits.unauthenticated) {
        place->reason = "Too many sessions that have not logged in";
        idle = limits_idle_of_largest(limits, count, now_ms);
        if (idle == NULL && group != NULL)
            idle = limits_idle_of(group, now_ms);
    } else {
        return true;
    }
    if (idle == NULL)
        return false;
    place->displaced = idle->id;
    limits_remove_unauthenticated(limits, idle);
    return true;
}

enum session_limits_answer limits_judge(struct session_limits *limits, struct span address, const struct config *config,
                                        uint64_t now_ms, struct session_limits_place *place)
{
    const struct group *group = limits_find_group(&limits->addresses, address);

    if (limits->members.count >= config->limits.sessions)
        place->reason = "Too many sessions";
    else if (limits_is_full(group, config))
        place->reason = FULL_REASON;
    if (place->reason != NULL)
        return SESSION_LIMITS_REFUSED;
    return limits_make_room(limits, group, config, now_ms, place) ? SESSION_LIMITS_ENTERED : SESSION_LIMITS_WAIT;
}

bool limits_make_way(struct session_limits *limits, const struct member *member, const struct group *group,
                     const struct config *config, uint64_t now_ms, struct session_limits_place *place)
{
    struct member *idle;

    if (limits_is_full(group, config)) {
        place->reason = FULL_REASON;
        return false;
    }
    if (!config->auth.required || !member->unauthenticated || !limits_has_share(group, config))
        return true;
    place->reason = SHARE_REASON;
    idle = limits_idle_of(group, now_ms);
    if (idle == NULL)
        return false;
    place->displaced = idle->id;
    limits_remove_unauthenticated(limits, idle);
    return true;
}
