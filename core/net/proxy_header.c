// core/net/proxy_header.c: see proxy_header.h.
#include "net/proxy_header.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define LINE_MOST 107 // of version 1, with CR LF
#define FIXED 16      // of version 2: signature, command, family, length
#define LENGTH_AT 14

static const char line_signature[] = "PROXY ";
static const unsigned char block_signature[] = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d,
                                                0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a}; // CRLF CRLF NUL CRLF "QUIT" LF

/** Are the first `length` bytes those of `signature`, as far as there are any? */
static bool is_prefix(const char *bytes, size_t length, const void *signature, size_t size)
{
    return memcmp(bytes, signature, length < size ? length : size) == 0;
}

static enum proxy_header_result header_fault(struct proxy_header *header, const char *fault)
{
    header->fault = fault;
    return PROXY_HEADER_INVALID;
}

// --- version 1: a line --------------------------------------------------------------------------------------------

/** Cuts the word at the front of `rest` off, and the blank behind it. */
static struct span take_word(struct span *rest)
{
    const char *blank = memchr(rest->bytes, ' ', rest->length);
    struct span word = {rest->bytes, blank == NULL ? rest->length : (size_t)(blank - rest->bytes)};
    size_t used = word.length + (blank != NULL);

    *rest = (struct span){rest->bytes + used, rest->length - used};
    return word;
}

/** Reads an address of that family alone. */
static bool read_host(struct span word, bool is_ipv4, struct address *address)
{
    return address_read(word, address) && (memchr(word.bytes, ':', word.length) == NULL) == is_ipv4;
}

static bool read_port(struct span word, uint16_t *port)
{
    uint64_t number;

    if (word.length > 1 && word.bytes[0] == '0')
        return false;
    if (!span_number(word, 0, UINT16_MAX, &number))
        return false;
    *port = (uint16_t)number;
    return true;
}

/** Reads the words behind the signature. */
static enum proxy_header_result read_words(struct span rest, struct proxy_header *header)
{
    struct span family = take_word(&rest);
    bool is_ipv4 = span_equals(family, span_of("TCP4"));
    struct address source, target;
    uint16_t source_port, target_port;

    if (span_equals(family, span_of("UNKNOWN"))) { // what follows must be ignored
        header->local = true;
        return PROXY_HEADER_FOUND;
    }
    if (!is_ipv4 && !span_equals(family, span_of("TCP6")))
        return header_fault(header, "expected TCP4, TCP6 or UNKNOWN after PROXY");
    if (!read_host(take_word(&rest), is_ipv4, &source) || !read_host(take_word(&rest), is_ipv4, &target))
        return header_fault(header, "expected two addresses of the family");
    if (!read_port(take_word(&rest), &source_port) || !read_port(rest, &target_port))
        return header_fault(header, "expected two ports at the end of the line");
    address_print(&source, source_port, header->client);
    return PROXY_HEADER_FOUND;
}

static enum proxy_header_result read_line(const char *bytes, size_t length, struct proxy_header *header)
{
    size_t looked_at = length < LINE_MOST ? length : LINE_MOST;
    const char *end = memchr(bytes, '\n', looked_at);
    struct span rest = {bytes + sizeof line_signature - 1, 0};

    if (end == NULL)
        return length < LINE_MOST ? PROXY_HEADER_MORE : header_fault(header, "the line is longer than 107 bytes");
    if (end[-1] != '\r' || end - bytes < (long)sizeof line_signature)
        return header_fault(header, "expected CR LF at the end of the line");
    header->length = (size_t)(end - bytes) + 1;
    rest.length = (size_t)(end - rest.bytes) - 1;
    return read_words(rest, header);
}

// --- version 2: a block -------------------------------------------------------------------------------------------

enum { FAMILY_NONE = 0x00, FAMILY_IPV4 = 0x11, FAMILY_IPV6 = 0x21, FAMILY_UNIX = 0x31 }; // all but the first: streams

static uint16_t read_number(const unsigned char *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

/** Reads the addresses: source, target, source port, target port. */
static enum proxy_header_result read_addresses(unsigned family, const unsigned char *bytes, size_t length,
                                               struct proxy_header *header)
{
    struct address source;

    switch (family) {
    case FAMILY_NONE:
        header->local = true;
        return PROXY_HEADER_FOUND;
    case FAMILY_IPV4:
        if (length < 12)
            return header_fault(header, "it is too short for two IPv4 addresses");
        source = address_from_ipv4(bytes);
        address_print(&source, read_number(bytes + 8), header->client);
        return PROXY_HEADER_FOUND;
    case FAMILY_IPV6:
        if (length < 36)
            return header_fault(header, "it is too short for two IPv6 addresses");
        source = address_from_ipv6(bytes);
        address_print(&source, read_number(bytes + 32), header->client);
        return PROXY_HEADER_FOUND;
    case FAMILY_UNIX:
        if (length < 216)
            return header_fault(header, "it is too short for two paths");
        snprintf(header->client, sizeof header->client, "unix");
        return PROXY_HEADER_FOUND;
    default:
        return header_fault(header, "expected a stream over IPv4, IPv6 or a unix socket");
    }
}

static enum proxy_header_result read_block(const char *bytes, size_t length, struct proxy_header *header)
{
    const unsigned char *block = (const unsigned char *)bytes;

    if (length < FIXED)
        return PROXY_HEADER_MORE;
    header->length = FIXED + read_number(block + LENGTH_AT);
    if (block[12] >> 4 != 2 || (block[12] & 0xf) > 1)
        return header_fault(header, "expected version 2 with LOCAL or PROXY");
    if (header->length > PROXY_HEADER_MOST)
        return header_fault(header, "it is longer than 4096 bytes");
    if (length < header->length)
        return PROXY_HEADER_MORE;
    header->local = (block[12] & 0xf) == 0;
    if (header->local)
        return PROXY_HEADER_FOUND; // addresses, if there are any, must be ignored
    return read_addresses(block[13], block + FIXED, header->length - FIXED, header);
}

// --- both ---------------------------------------------------------------------------------------------------------

bool proxy_header_begins(const char *bytes, size_t length, bool *maybe)
{
    bool is_line = is_prefix(bytes, length, line_signature, sizeof line_signature - 1);
    bool is_block = is_prefix(bytes, length, block_signature, sizeof block_signature);
    size_t size = is_line ? sizeof line_signature - 1 : sizeof block_signature;

    *maybe = (is_line || is_block) && length < size;
    return (is_line || is_block) && length >= size;
}

enum proxy_header_result proxy_header_read(const char *bytes, size_t length, struct proxy_header *header)
{
    bool maybe;

    *header = (struct proxy_header){0};
    if (!proxy_header_begins(bytes, length, &maybe))
        return maybe ? PROXY_HEADER_MORE : PROXY_HEADER_ABSENT;
    return bytes[0] == line_signature[0] ? read_line(bytes, length, header) : read_block(bytes, length, header);
}
