// contrib/ampctl/target.h: where the proxy is: as the command line says, else one of the listeners of its
// configuration. Thread: main's.
#ifndef AMPCTL_TARGET_H
#define AMPCTL_TARGET_H

#include "config/config.h"
#include "options.h"

#include <sys/un.h>

struct target {
    bool is_unix;
    char host[256]; // name, address or, if is_unix, a path
    char port[8];
    char shown[280];  // for messages: "127.0.0.1:1234", "unix:/run/x"
    bool tls, verify; // encrypt; check the certificate
    char tls_name[256];
    const char *ca_file; // NULL: the system's. Lent by the options
};

/** Finds it. @param config  NULL: options->connect says it
 *  @return false with `err` set */
bool target_find(struct target *target, const struct ctl_options *options, const struct config *config,
                 struct error *err);

#endif
