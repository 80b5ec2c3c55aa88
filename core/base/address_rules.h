// core/base/address_rules.h: addresses of clients, and lists of networks.
// IPv4 and IPv6 are two families: `::/0` holds no IPv4 address. An IPv4 address written or seen as IPv6
// (::ffff:192.0.2.7, RFC 4291 2.5.5.2) is that IPv4 address. Thread: any; pure.
#ifndef BASE_ADDRESS_RULES_H
#define BASE_ADDRESS_RULES_H

#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

#define ADDRESS_BYTES 16
#define NETWORK_TEXT 64       // of network_text(), NUL included
#define ADDRESS_PRINT_SIZE 64 // of address_print(), NUL included

/** An address without its port. */
struct address {
    unsigned char bytes[ADDRESS_BYTES]; // IPv4: as mapped IPv6; unknown: zeros
    bool known;                         // false: a unix socket's, which is in no network
};

/** All addresses whose first `bits` are those of `bytes`. */
struct network {
    unsigned char bytes[ADDRESS_BYTES];
    unsigned bits; // of 128; an IPv4 network has at least 96
};

/** Networks, in no order. All zero: none. */
struct network_list {
    struct network *items; // address_rules_free()
    size_t count;
};

enum network_result {
    NETWORK_GOOD,
    NETWORK_WRONG,    // not an address, or an invalid prefix length
    NETWORK_HOST_BITS // bits behind the prefix are not zero
};

/** The address of a client as the listener prints it: "192.0.2.7:5038", "[2001:db8::1]:5038" or "unix". */
struct address address_of(const char *printed);
/** Reads an IPv4 or IPv6 address: no port, brackets, zone or blanks. @return false: it is none */
bool address_read(struct span text, struct address *address);
/** The address of 4 bytes, or of 16, in the order of the network. */
struct address address_from_ipv4(const unsigned char *bytes);
struct address address_from_ipv6(const unsigned char *bytes);
/** Writes a known address as address_of() takes it: IPv4 without the prefix of mapped addresses.
 *  @param port  0: not known */
void address_print(const struct address *address, uint16_t port, char text[ADDRESS_PRINT_SIZE]);
/** The address that a limit counts as one client: an IPv4 address; the /64 network of an IPv6 address, because its
 * owner has all addresses of the network; all unix sockets together, with bytes that are no client's address. */
struct address address_network(const char *printed);
/** Reads "192.0.2.0/24", "2001:db8::/32" or a single address, which is a network of one.
 *  @param network  set if the result is NETWORK_GOOD; for NETWORK_HOST_BITS set to the network that was probably meant
 */
enum network_result network_read(struct span text, struct network *network);
/** Writes a network as network_read() takes it. @return `buffer` */
const char *network_text(const struct network *network, char buffer[NETWORK_TEXT]);
/** Is the address in one of the networks? */
bool network_list_has(const struct network_list *list, const struct address *address);
/** May that client connect? A client in `deny` may not. Others may if they are in `allow`, or if `allow` is empty. */
bool address_rules_admit(const struct network_list *allow, const struct network_list *deny, const char *printed);
/** Frees the items. */
void address_rules_free(struct network_list *list);

#endif
