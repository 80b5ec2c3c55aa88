// core/auth/failures.h: failed logins, counted for each user at each address: who guesses too often at a user is
// refused that user for a minute, other users of the address are not. So one program with a wrong secret does not lock
// out the others of its machine. Who guesses at many users is known by the failures of the address as a whole: past ten
// times the limit one failure for each user is all that is left. Also remembers who was right of late. Thread: any; one
// lock, taken at logins and ProxyKeys only.
#ifndef AUTH_FAILURES_H
#define AUTH_FAILURES_H

#include "base/address_rules.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

#define FAILURES_WINDOW_MS 60000                       // for so long a failure counts
#define FAILURES_KNOWN_MS (UINT64_C(24) * 3600 * 1000) // for so long a right secret is remembered
#define FAILURES_ADDRESS_TIMES 10                      // times the limit: bound of the failures of one address

struct failures;

/** A user at an address. */
struct failures_key {
    unsigned char party[ADDRESS_BYTES]; // of address_party()
    uint64_t user;                      // a seeded hash of the name: names that clients invent are not kept
};

/** How much work a login is worth; the first is worth the most. */
enum failures_standing {
    FAILURES_KNOWN,   // this user was right from this address of late
    FAILURES_NEW,     // nothing is known
    FAILURES_SUSPECT, // the user failed from this address within the last minute, or others did too often
    FAILURES_REFUSED  // the limit is reached
};

/** @param limit  failures within a minute after which a user at an address is refused, > 0 */
struct failures *failures_create(uint64_t limit);
/** Changes the limit. */
void failures_set_limit(struct failures *failures, uint64_t limit);
void failures_destroy(struct failures *failures);
/** @param address  as printed, "192.0.2.7:5038"; the port does not count, and of an IPv6 address only the network
 * (/64), since whoever has one address there has all of them
 *  @param user     the name as the client gave it, whether there is such a user or not */
struct failures_key failures_key(const struct failures *failures, const char *address, struct span user);
/** Counts a failed login. */
void failures_add(struct failures *failures, const struct failures_key *key, uint64_t now_ms);
/** Remembers a right one. What has failed before still counts: it may have been somebody else. */
void failures_succeeded(struct failures *failures, const struct failures_key *key, uint64_t now_ms);
enum failures_standing failures_standing(struct failures *failures, const struct failures_key *key, uint64_t now_ms);
/** Has the user at that address, or the address as a whole, reached its limit within the last minute? */
bool failures_is_refused(struct failures *failures, const struct failures_key *key, uint64_t now_ms);

#endif
