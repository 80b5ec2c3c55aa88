// core/auth/failures.h: counts failed logins of each user from each address. At the limit, logins of that user from
// that address are refused for a minute; other users of the address are not affected, so that one program with a wrong
// secret does not lock out the others on its machine. The failures of an address as a whole are counted, too: past ten
// times the limit, one failure is enough to refuse a user. Recent successful logins are remembered. Thread: any; one
// lock, which is taken at logins and ProxyKeys only.
#ifndef AUTH_FAILURES_H
#define AUTH_FAILURES_H

#include "base/address_rules.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

#define FAILURES_WINDOW_MS 60000                       // how long a failure counts
#define FAILURES_KNOWN_MS (UINT64_C(24) * 3600 * 1000) // how long a successful login is remembered
#define FAILURES_ADDRESS_TIMES 10                      // an address may have so many times the limit of failures

struct failures;

/** A user at an address. */
struct failures_key {
    unsigned char network[ADDRESS_BYTES]; // address_network()
    uint64_t user;                        // a seeded hash of the name, so that invented names use no memory
};

/** The priority of checking a login, highest first. */
enum failures_standing {
    FAILURES_KNOWN,   // this user has logged in from this address recently
    FAILURES_NEW,     // neither successes nor failures are known
    FAILURES_SUSPECT, // the user has failed from this address within the last minute, or others have too often
    FAILURES_REFUSED  // the limit is reached
};

/** Makes the counts, all 0. @param limit  failures within a minute after which a user at an address is refused, > 0 */
struct failures *failures_create(uint64_t limit);
/** Changes the limit. */
void failures_set_limit(struct failures *failures, uint64_t limit);
/** Frees the counts. `failures` may be NULL. */
void failures_destroy(struct failures *failures);
/** Makes a key.
 *  @param address  as printed, "192.0.2.7:5038"; the port is ignored, and all addresses of one IPv6 network (/64) are
 *                  the same, because their owner has all of them
 *  @param user     the name that the client sent, whether or not there is such a user */
struct failures_key failures_key(const struct failures *failures, const char *address, struct span user);
/** Counts a failed login. */
void failures_add(struct failures *failures, const struct failures_key *key, uint64_t now_ms);
/** Remembers a successful login. Earlier failures still count, because they may be somebody else's. */
void failures_succeeded(struct failures *failures, const struct failures_key *key, uint64_t now_ms);
/** Forgets the failures of an address, of all users.
 *  @param address  as in failures_key()  @return how many users had failed from there */
uint64_t failures_forget(struct failures *failures, const char *address);
/** Returns the priority of a login. */
enum failures_standing failures_standing(struct failures *failures, const struct failures_key *key, uint64_t now_ms);
/** Has the user at that address, or the address as a whole, reached its limit within the last minute? */
bool failures_is_refused(struct failures *failures, const struct failures_key *key, uint64_t now_ms);

#endif
