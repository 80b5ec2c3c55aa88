// core/net/proxy_header.h: reads the header of the PROXY protocol, in which a balancer names the client of a connection
// (haproxy.org, doc/proxy-protocol.txt: version 1 in 2.1, version 2 in 2.2). It comes before anything else, even TLS.
// Thread: any; pure.
#ifndef NET_PROXY_HEADER_H
#define NET_PROXY_HEADER_H

#include "base/address_rules.h"

#define PROXY_HEADER_MOST 4096 // bytes of a whole header; version 1 has at most 107

enum proxy_header_result {
    PROXY_HEADER_MORE,    // these bytes may begin a header; more are needed
    PROXY_HEADER_ABSENT,  // they begin no header
    PROXY_HEADER_FOUND,   // they begin with a whole header
    PROXY_HEADER_INVALID, // they begin an invalid header; `fault` says what is wrong
};

struct proxy_header {
    size_t length;                   // FOUND: bytes of the header; what follows is the client's
    bool local;                      // FOUND: the connection is the balancer's own, or its client is unknown
    char client[ADDRESS_PRINT_SIZE]; // FOUND, not local: as listeners print addresses; "unix": a unix socket of the
                                     // balancer
    const char *fault;               // INVALID: static text
};

/** Reads the header at the front of all bytes that a connection has brought so far. If the result is not MORE, further
 *  bytes do not change it. Skips additional fields of version 2 (TLVs). */
enum proxy_header_result proxy_header_read(const char *bytes, size_t length, struct proxy_header *header);
/** Do these bytes begin with the signature of a header? The rest may be invalid.
 *  @param maybe  set: true if there are too few bytes to tell */
bool proxy_header_begins(const char *bytes, size_t length, bool *maybe);

#endif
