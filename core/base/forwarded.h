// core/base/forwarded.h: the client's address in X-Forwarded-For, a list to which each balancer on the way appends the
// address that has connected to it. The list is read from its end, as long as the addresses are those of trusted
// balancers: only what these have appended is reliable, as a client can send any list.  Thread: any; pure.
#ifndef BASE_FORWARDED_H
#define BASE_FORWARDED_H

#include "base/address_rules.h"

enum forwarded_result {
    FORWARDED_NOBODY, // the list is empty
    FORWARDED_CLIENT, // `client` is set
    FORWARDED_INVALID // what a trusted balancer has appended is no address
};

/** Finds the client in `list`: the last address that is not in `trust`; the first one if all are.
 *  @param list  elements with commas between: an address, also with a port: 192.0.2.7, 192.0.2.7:5038, 2001:db8::1,
 *               [2001:db8::1]:5038
 *  @param client  set as listeners print addresses; port 0: none was given */
enum forwarded_result forwarded_client(struct span list, const struct network_list *trust,
                                       char client[ADDRESS_PRINT_SIZE]);

#endif
