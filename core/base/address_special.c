// base/address_special.c: see address_special.h.
#include "base/address_special.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define IPV4_AT 12 // where an IPv4 address lies in the bytes of an address

struct block {
    unsigned char bytes[ADDRESS_BYTES];
    unsigned bits;
};

static const unsigned char mapped_prefix[IPV4_AT] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

// https://www.iana.org/assignments/iana-ipv4-special-registry, and multicast and what is reserved.
static const struct block special_ipv4[] = {
    {{0}, 8},             // this network
    {{10}, 8},            // private
    {{100, 64}, 10},      // shared by carriers
    {{127}, 8},           // loopback
    {{169, 254}, 16},     // link-local
    {{172, 16}, 12},      // private
    {{192, 0, 0}, 24},    // protocol assignments
    {{192, 0, 2}, 24},    // documentation
    {{192, 31, 196}, 24}, // AS112
    {{192, 52, 193}, 24}, // AMT
    {{192, 88, 99}, 24},  // relays of 6to4
    {{192, 168}, 16},     // private
    {{192, 175, 48}, 24}, // AS112
    {{198, 18}, 15},      // benchmarks
    {{198, 51, 100}, 24}, // documentation
    {{203, 0, 113}, 24},  // documentation
    {{224}, 4},           // multicast
    {{240}, 4},           // reserved, and broadcast
};

// https://www.iana.org/assignments/iana-ipv6-special-registry, within 2000::/3: nothing else is a host of the public
// Internet.
static const struct block special_ipv6[] = {
    {{0x20, 0x01}, 23},                   // protocol assignments: Teredo, ORCHID, benchmarks …
    {{0x20, 0x01, 0x0d, 0xb8}, 32},       // documentation
    {{0x26, 0x20, 0, 0x4f, 0x80, 0}, 48}, // AS112
    {{0x3f, 0xff}, 20},                   // documentation
};

static const struct block nat64 = {{0, 0x64, 0xff, 0x9b}, 96}, six_to_four = {{0x20, 0x02}, 16}, global = {{0x20}, 3};

static bool special_has(const struct block *block, const unsigned char *bytes)
{
    size_t whole = block->bits / 8;
    unsigned rest = block->bits % 8;

    return memcmp(block->bytes, bytes, whole) == 0 &&
           (rest == 0 || (block->bytes[whole] ^ bytes[whole]) >> (8 - rest) == 0);
}

static bool special_has_any(const struct block *blocks, size_t count, const unsigned char *bytes)
{
    for (size_t i = 0; i < count; i++) {
        if (special_has(&blocks[i], bytes))
            return true;
    }
    return false;
}

static bool special_is_public_ipv4(const unsigned char *bytes)
{
    return !special_has_any(special_ipv4, sizeof special_ipv4 / sizeof special_ipv4[0], bytes);
}

struct address address_of_socket(const struct sockaddr *socket)
{
    struct address address = {0};

    if (socket->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, socket, sizeof in);
        memcpy(address.bytes, mapped_prefix, sizeof mapped_prefix);
        memcpy(address.bytes + IPV4_AT, &in.sin_addr, 4);
        address.known = true;
    } else if (socket->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, socket, sizeof in);
        memcpy(address.bytes, &in.sin6_addr, ADDRESS_BYTES);
        address.known = true;
    }
    return address;
}

bool address_is_public(const struct address *address)
{
    const unsigned char *bytes = address->bytes;

    if (!address->known)
        return false;
    if (memcmp(bytes, mapped_prefix, sizeof mapped_prefix) == 0 || special_has(&nat64, bytes))
        return special_is_public_ipv4(bytes + IPV4_AT);
    if (special_has(&six_to_four, bytes))
        return special_is_public_ipv4(bytes + 2);
    return special_has(&global, bytes) &&
           !special_has_any(special_ipv6, sizeof special_ipv6 / sizeof special_ipv6[0], bytes);
}

const char *address_text(const struct address *address, char buffer[NETWORK_TEXT])
{
    bool ipv4 = memcmp(address->bytes, mapped_prefix, sizeof mapped_prefix) == 0;

    if (!address->known)
        snprintf(buffer, NETWORK_TEXT, "unknown");
    else
        inet_ntop(ipv4 ? AF_INET : AF_INET6, address->bytes + (ipv4 ? IPV4_AT : 0), buffer, NETWORK_TEXT);
    return buffer;
}
