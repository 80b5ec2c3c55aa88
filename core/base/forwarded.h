// core/base/forwarded.h: finds the client's address in X-Forwarded-For. Each balancer appends to this list the address
// that has connected to it. The client can send a list of its own, so only what trusted balancers have appended counts:
// the list is read from its end, past the addresses of trusted balancers.  Thread: any; pure.
#ifndef BASE_FORWARDED_H
#define BASE_FORWARDED_H

#include "base/address_rules.h"

enum forwarded_result {
    FORWARDED_NOBODY, // the list is empty
    FORWARDED_CLIENT, // `client` is set
    FORWARDED_INVALID // a trusted balancer has appended something else than an address
};

/** Finds the client in `list`: the last address that is not in `trust`, or, if all are, the first one.
 *  @param list  elements with commas between: an address, also with a port: 192.0.2.7, 192.0.2.7:5038, 2001:db8::1,
 *               [2001:db8::1]:5038
 *  @param client  set as listeners print addresses; port 0: none was given */
enum forwarded_result forwarded_client(struct span list, const struct network_list *trust,
                                       char client[ADDRESS_PRINT_SIZE]);

#endif
