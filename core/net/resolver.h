// core/net/resolver.h: names of hosts to addresses, by the system's own resolver: getaddrinfo() reads what the system
// is told to read (hosts, resolv.conf, other sources), and reads it anew each time. It blocks, so each lookup has a
// thread of its own, up to a limit; what is more waits. A name that takes long holds up no other, and nobody waits for
// a thread at the end.  Thread: the loop's, all of it.
#ifndef NET_RESOLVER_H
#define NET_RESOLVER_H

#include <netdb.h>
#include <stdint.h>

#define RESOLVER_THREADS 32          // lookups at once
#define RESOLVER_THREADS_OF_A_NAME 2 // of these for one name: a dead one cannot use them up by being asked again

struct event_base;
struct resolver;
struct resolver_request;

/** @param addresses  the caller's: freeaddrinfo(); NULL: it failed
 *  @param reason     why, lent; NULL: it did not */
typedef void resolver_callback(struct addrinfo *addresses, const char *reason, void *context);
/** What looks up, on any thread: getaddrinfo() unless a test says otherwise. `found` is freed by freeaddrinfo(). */
typedef int resolver_lookup(const char *host, const char *service, const struct addrinfo *hints,
                            struct addrinfo **found);

/** @param lookup  NULL: getaddrinfo()  @return NULL with errno: the system has no descriptor left */
struct resolver *resolver_create(struct event_base *base, resolver_lookup *lookup);
/** Waits for nothing: threads that still look up end by themselves, and free what they found. Calls nobody back. NULL
 * is fine. */
void resolver_destroy(struct resolver *resolver);
/** Looks a name up. The callback comes from the loop, once, never from inside this call; unless cancelled before. */
struct resolver_request *resolver_ask(struct resolver *resolver, const char *host, uint16_t port,
                                      resolver_callback *callback, void *context);
/** The callback will not come. Not after it came. */
void resolver_cancel(struct resolver *resolver, struct resolver_request *request);
/** The address that `host` is already, written in digits: freeaddrinfo(). NULL: it is a name. Never blocks. */
struct addrinfo *resolver_literal(const char *host, uint16_t port);

#endif
