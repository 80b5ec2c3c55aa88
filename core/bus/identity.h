// core/bus/identity.h: the node's credentials (user, key, certificate), the addresses of the NATS servers and the
// authority that they are checked against. Read before the process gives its rights up, and kept as texts. Thread: any;
// constant once it is made.
#ifndef BUS_IDENTITY_H
#define BUS_IDENTITY_H

#include "base/error.h"
#include "config/config.h"

struct bus_identity {
    char *name; // of the connection, shown by NATS's monitoring
    char **urls;
    size_t url_count;
    bool encrypted, verify;
    char *ca, *certificate, *key; // PEM texts, or NULL
    char *user, *secret;          // or NULL
    char *jwt, *seed;             // of a credentials file; the seed also of an nkey; or NULL
    char *nkey;                   // or NULL
};

/** Copies what the configuration has, and reads the certificates that it names. @return false with `err`; `identity` is
 *  then empty */
bool bus_identity_init(struct bus_identity *identity, const struct cluster_config *config, struct error *err);
/** Frees it; secrets are overwritten. */
void bus_identity_fini(struct bus_identity *identity);

#endif
