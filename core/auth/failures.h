// core/auth/failures.h: failed logins per address: who guesses too often is refused for a minute.
// Thread: any; one lock, taken at logins and ProxyKeys only.
#ifndef AUTH_FAILURES_H
#define AUTH_FAILURES_H

#include <stdbool.h>
#include <stdint.h>

struct failures;

/** @param limit  failures within a minute after which an address is refused, > 0 */
struct failures *failures_create(uint64_t limit);
/** Changes the limit. */
void failures_set_limit(struct failures *failures, uint64_t limit);
void failures_destroy(struct failures *failures);
/** Counts a failed login. @param address  as printed, "192.0.2.7:5038"; the port does not count, and of an IPv6 address
 *  only the network (/64), since whoever has one address there has all of them */
void failures_add(struct failures *failures, const char *address, uint64_t now_ms);
/** Has the address reached the limit within the last minute? */
bool failures_is_refused(struct failures *failures, const char *address, uint64_t now_ms);

#endif
