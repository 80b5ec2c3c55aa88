// core/base/address_rules.c: see address_rules.h.
#include "base/address_rules.h"

#include "base/decimal.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IPV4_BITS 96 // of an IPv6 address before the IPv4 address that is mapped to it

static const unsigned char mapped_prefix[IPV4_BITS / 8] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool is_ipv4(const unsigned char *bytes)
{
    return memcmp(bytes, mapped_prefix, sizeof mapped_prefix) == 0;
}

/** Reads an address without port or brackets. */
static bool read_address(const char *text, unsigned char bytes[ADDRESS_BYTES])
{
    if (strchr(text, ':') != NULL) // every IPv6 address has one
        return inet_pton(AF_INET6, text, bytes) == 1;
    memcpy(bytes, mapped_prefix, sizeof mapped_prefix);
    return inet_pton(AF_INET, text, bytes + sizeof mapped_prefix) == 1;
}

bool address_read(struct span text, struct address *address)
{
    char copy[INET6_ADDRSTRLEN];

    *address = (struct address){0};
    if (text.length == 0 || text.length >= sizeof copy || memchr(text.bytes, '\0', text.length) != NULL)
        return false;
    memcpy(copy, text.bytes, text.length);
    copy[text.length] = '\0';
    address->known = read_address(copy, address->bytes);
    return address->known;
}

struct address address_from_ipv4(const unsigned char *bytes)
{
    struct address address = {.known = true};

    memcpy(address.bytes, mapped_prefix, sizeof mapped_prefix);
    memcpy(address.bytes + sizeof mapped_prefix, bytes, 4);
    return address;
}

struct address address_from_ipv6(const unsigned char *bytes)
{
    struct address address = {.known = true};

    memcpy(address.bytes, bytes, sizeof address.bytes);
    return address;
}

void address_print(const struct address *address, uint16_t port, char text[ADDRESS_PRINT_SIZE])
{
    char host[INET6_ADDRSTRLEN] = "";

    if (is_ipv4(address->bytes)) { // without printf(): each connection has one
        for (size_t i = sizeof mapped_prefix; i < ADDRESS_BYTES; i++) {
            text = decimal_write(text, address->bytes[i]);
            *text++ = i + 1 < ADDRESS_BYTES ? '.' : ':';
        }
        *decimal_write(text, port) = '\0';
        return;
    }
    inet_ntop(AF_INET6, address->bytes, host, sizeof host);
    snprintf(text, ADDRESS_PRINT_SIZE, "[%s]:%u", host, port);
}

struct address address_of(const char *printed)
{
    struct address address = {0};
    const char *end = strrchr(printed, ':');
    bool bracketed = printed[0] == '[';
    char host[INET6_ADDRSTRLEN] = "";

    if (end == NULL || end - printed >= (long)sizeof host || (bracketed && (end < printed + 2 || end[-1] != ']')))
        return address;
    memcpy(host, printed + bracketed, (size_t)(end - printed) - (bracketed ? 2 : 0));
    address.known = read_address(host, address.bytes);
    if (!address.known)
        memset(address.bytes, 0, sizeof address.bytes);
    return address;
}

struct address address_network(const char *printed)
{
    struct address address = address_of(printed);

    if (!address.known)
        memset(address.bytes, 0xff, sizeof address.bytes); // a multicast address, which no client has
    else if (!is_ipv4(address.bytes))
        memset(address.bytes + ADDRESS_BYTES / 2, 0, ADDRESS_BYTES / 2);
    return address;
}

/** Clears all but the first `bits`. @return was anything cleared? */
static bool clear_host_bits(unsigned char bytes[ADDRESS_BYTES], unsigned bits)
{
    bool cleared = false;

    for (unsigned i = 0; i < ADDRESS_BYTES; i++) {
        unsigned kept = bits > i * 8 ? bits - i * 8 : 0;
        unsigned char mask = kept >= 8 ? 0xff : (unsigned char)(0xff00U >> kept);
        cleared = cleared || (bytes[i] & (unsigned char)~mask) != 0;
        bytes[i] &= mask;
    }
    return cleared;
}

/** Reads the number after the slash. @return false: it is no number, or more than `most` */
static bool read_length(const char *text, unsigned most, unsigned *length)
{
    uint64_t number;

    if ((text[0] == '0' && text[1] != '\0') || !span_number(span_of(text), 0, most, &number))
        return false;
    *length = (unsigned)number;
    return true;
}

enum network_result network_read(struct span text, struct network *network)
{
    char copy[NETWORK_TEXT];
    char *slash;
    unsigned length;

    if (text.length == 0 || text.length >= sizeof copy || memchr(text.bytes, '\0', text.length) != NULL)
        return NETWORK_WRONG;
    memcpy(copy, text.bytes, text.length);
    copy[text.length] = '\0';
    slash = strchr(copy, '/');
    if (slash != NULL)
        *slash = '\0';
    if (!read_address(copy, network->bytes))
        return NETWORK_WRONG;
    bool written_ipv4 = strchr(copy, ':') == NULL;
    unsigned most = written_ipv4 ? 32 : 128;
    length = most;
    if (slash != NULL && !read_length(slash + 1, most, &length))
        return NETWORK_WRONG;
    network->bits = written_ipv4 ? IPV4_BITS + length : length;
    return clear_host_bits(network->bytes, network->bits) ? NETWORK_HOST_BITS : NETWORK_GOOD;
}

const char *network_text(const struct network *network, char buffer[NETWORK_TEXT])
{
    bool ipv4 = network->bits >= IPV4_BITS && is_ipv4(network->bytes);
    char host[INET6_ADDRSTRLEN] = "";

    inet_ntop(ipv4 ? AF_INET : AF_INET6, network->bytes + (ipv4 ? sizeof mapped_prefix : 0), host, sizeof host);
    snprintf(buffer, NETWORK_TEXT, "%s/%u", host, ipv4 ? network->bits - IPV4_BITS : network->bits);
    return buffer;
}

static bool has_address(const struct network *network, const unsigned char *bytes)
{
    size_t whole = network->bits / 8;
    unsigned rest = network->bits % 8;

    if (network->bits < IPV4_BITS && is_ipv4(bytes))
        return false; // an IPv6 network that contains mapped IPv4 addresses
    return memcmp(network->bytes, bytes, whole) == 0 &&
           (rest == 0 || (network->bytes[whole] ^ bytes[whole]) >> (8 - rest) == 0);
}

bool network_list_has(const struct network_list *list, const struct address *address)
{
    for (size_t i = 0; address->known && i < list->count; i++)
        if (has_address(&list->items[i], address->bytes))
            return true;
    return false;
}

bool address_rules_admit(const struct network_list *allow, const struct network_list *deny, const char *printed)
{
    struct address address;

    if (deny->count == 0 && allow->count == 0)
        return true;
    address = address_of(printed);
    return !network_list_has(deny, &address) && (allow->count == 0 || network_list_has(allow, &address));
}

void address_rules_free(struct network_list *list)
{
    free(list->items);
    *list = (struct network_list){0};
}
