// core/net/proxy_header.h: the header with which a balancer tells for whom it opened a connection: the PROXY protocol,
// versions 1 and 2 (haproxy.org, doc/proxy-protocol.txt, 2.1 and 2.2). It comes before anything else, TLS included.
// Thread: any; pure.
#ifndef NET_PROXY_HEADER_H
#define NET_PROXY_HEADER_H

#include "base/address_rules.h"

#define PROXY_HEADER_MOST 4096 // bytes of a whole header; version 1 has at most 107

enum proxy_header_result {
    PROXY_HEADER_MORE,    // these bytes may begin a header; more are needed
    PROXY_HEADER_ABSENT,  // they begin no header
    PROXY_HEADER_FOUND,   // they begin with a whole header
    PROXY_HEADER_INVALID, // they begin a header that cannot be read; `fault` says why
};

struct proxy_header {
    size_t length;                   // FOUND: bytes of the header; what follows is the client's
    bool local;                      // FOUND: the balancer speaks for itself, or does not know the client
    char client[ADDRESS_PRINT_SIZE]; // FOUND, not local: as listeners print addresses; "unix": a unix socket of the
                                     // balancer
    const char *fault;               // INVALID: static text
};

/** Reads the header at the front of all bytes that a connection has brought so far. The answer for longer input is the
 *  same, unless it was MORE. Additional fields of version 2 (TLVs) are skipped. */
enum proxy_header_result proxy_header_read(const char *bytes, size_t length, struct proxy_header *header);
/** Do these bytes begin with the signature of a header, whether or not the rest is valid?
 *  @param maybe  set to: there are too few bytes to tell */
bool proxy_header_begins(const char *bytes, size_t length, bool *maybe);

#endif
