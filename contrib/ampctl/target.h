// contrib/ampctl/target.h: finds the proxy: by the command line, else by a listener in its configuration.
// Thread: main's.
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
    const char *ca_file;    // NULL: the system's. Lent by the options
    const char *cert, *key; // of the client; NULL: none. Lent by the options
};

/** Finds the target. @param config  NULL: options->connect has it
 *  @return false with `err` set */
bool target_find(struct target *target, const struct ctl_options *options, const struct config *config,
                 struct error *err);

/** Makes the target of a control socket. @param path  absolute @return false with `err` set: it is too long */
bool target_control(struct target *target, const char *path, struct error *err);

#endif
