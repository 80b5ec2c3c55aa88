// base/address_special.h: which addresses belong to hosts of the public Internet. Programs that connect to hosts that
// others name must not be led to their own host or network (IANA's registries of special-purpose addresses, RFC 6890).
// Thread: any; pure.
#ifndef BASE_ADDRESS_SPECIAL_H
#define BASE_ADDRESS_SPECIAL_H

#include "base/address_rules.h"

struct sockaddr;

/** Returns the address of an IPv4 or IPv6 socket; not known for other families. */
struct address address_of_socket(const struct sockaddr *socket);
/** Can it be a host of the public Internet? Not loopback, private, link-local, multicast, reserved and documentation
 *  addresses; an address that contains an IPv4 address (mapped, NAT64, 6to4) is judged by that one. */
bool address_is_public(const struct address *address);
/** Writes the address as people write it. @return `buffer` */
const char *address_text(const struct address *address, char buffer[NETWORK_TEXT]);

#endif
