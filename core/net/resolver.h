// core/net/resolver.h: resolves host names with the system's resolver: getaddrinfo() reads the system's sources (hosts,
// resolv.conf and others) each time. It blocks, so each lookup has a thread of its own, up to a limit; further lookups
// wait. A slow name delays no other, and the program does not wait for these threads when it exits.  Thread: the
// loop's, all of it.
#ifndef NET_RESOLVER_H
#define NET_RESOLVER_H

#include <netdb.h>
#include <stdint.h>

#define RESOLVER_THREADS 32          // lookups at once
#define RESOLVER_THREADS_OF_A_NAME 2 // of these for one name: repeated lookups of a dead name cannot use up all threads

struct event_base;
struct resolver;
struct resolver_request;

/** @param addresses  owned by the callee: freeaddrinfo(); NULL: the lookup failed
 *  @param reason     of the failure, lent; NULL: success */
typedef void resolver_callback(struct addrinfo *addresses, const char *reason, void *context);
/** The lookup function, called on any thread: getaddrinfo(), except in tests. `found` is freed by freeaddrinfo(). */
typedef int resolver_lookup(const char *host, const char *service, const struct addrinfo *hints,
                            struct addrinfo **found);

/** @param lookup  NULL: getaddrinfo()  @return NULL with errno: the system has no descriptor left */
struct resolver *resolver_create(struct event_base *base, resolver_lookup *lookup);
/** Does not wait: threads with running lookups end by themselves and free their results. No callback follows. NULL is
 *  fine. */
void resolver_destroy(struct resolver *resolver);
/** Looks a name up. The loop calls the callback once, never from inside this call, unless the request is cancelled. */
struct resolver_request *resolver_ask(struct resolver *resolver, const char *host, uint16_t port,
                                      resolver_callback *callback, void *context);
/** Cancels the callback. Not allowed after the callback. */
void resolver_cancel(struct resolver *resolver, struct resolver_request *request);
/** The address if `host` is an address literal: freeaddrinfo(). NULL: it is a name. Never blocks. */
struct addrinfo *resolver_literal(const char *host, uint16_t port);

#endif
