// core/session/access/limits_inside.h: the inside of `struct session_limits`, for limits.c and limits_room.c only. All
// is read and written with the lock held.
#ifndef SESSION_ACCESS_LIMITS_INSIDE_H
#define SESSION_ACCESS_LIMITS_INSIDE_H

#include "base/address_rules.h"
#include "base/list.h"
#include "base/map.h"
#include "session/access/limits.h"

#include <pthread.h>
#include <stdatomic.h>

struct member;

/** The sessions of an address or of a user. */
struct group {
    struct map_node node; // must be first: a pointer to it is cast to the group
    uint64_t count;
    // of an address:
    struct list_head unauthenticated; // members that have not logged in, oldest first
    uint64_t unauthenticated_count;
    struct list_node with_unauthenticated; // in the limits' list of that name, if there are such members
    char key[];
};

/** One session. */
struct member {
    struct map_node node; // must be first
    uint64_t id;
    struct group *group;         // its address
    struct list_node of_address; // in `unauthenticated` of its group
    uint64_t since_ms;           // when it was opened or logged out
    bool unauthenticated;        // has not logged in
    bool busy;                   // a secret of it is being checked
};

struct session_limits {
    pthread_mutex_t lock;
    atomic_uint_least64_t last_id;
    uint64_t unauthenticated;
    struct map members, addresses, users;
    struct list_head with_unauthenticated;     // addresses (struct group); the next search begins with the first
    uint64_t controls[SESSION_LIMITS_CONTROL]; // connections of the control socket, oldest first
    size_t control_count;
};

/** The address of all balancers: a multicast address, which no client has. */
static const unsigned char limits_balancers[ADDRESS_BYTES] = {0xff, 0xfe};

/** The sessions of that address or user; NULL: there are none. */
struct group *limits_find_group(const struct map *map, struct span key);
/** Counts the member no longer among those without a login, if it was. */
void limits_remove_unauthenticated(struct session_limits *limits, struct member *member);
/** Is there room for a session of that address? For one without a login, an idle one may lose its place. */
enum session_limits_answer limits_judge(struct session_limits *limits, struct span address, const struct config *config,
                                        uint64_t now_ms, struct session_limits_place *place);
/** Makes room for a session in another address's group. @param group  NULL: it has no sessions
 *  @return false: there is none */
bool limits_make_way(struct session_limits *limits, const struct member *member, const struct group *group,
                     const struct config *config, uint64_t now_ms, struct session_limits_place *place);

#endif
