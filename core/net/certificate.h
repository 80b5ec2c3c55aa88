// core/net/certificate.h: until when the certificates of a file are valid.  Thread: any.
#ifndef NET_CERTIFICATE_H
#define NET_CERTIFICATE_H

#include <stdbool.h>
#include <stdint.h>

/** Which certificate of a file decides. */
enum certificate_kind {
    CERTIFICATE_CHAIN,      // the one that ends first: without it the chain is broken
    CERTIFICATE_AUTHORITIES // the one that ends last: until then somebody is trusted
};

/** Finds out until when the file is of use. @param end_s  set to seconds since 1970; may lie in the past
 *  @return false: there is no certificate in PEM form in it, or it cannot be read */
bool certificate_read_end(const char *path, enum certificate_kind kind, int64_t *end_s);

#endif
