// contrib/ampctl/secret.h: the secret of a login. It comes from a file, the environment, the configuration or a prompt,
// never from the command line, which everybody on the machine can read. Thread: main's.
#ifndef AMPCTL_SECRET_H
#define AMPCTL_SECRET_H

#include "config/config.h"
#include "options.h"

struct secret {
    char *text;  // secret_fini() wipes it
    bool hashed; // the proxy has only a hash of it: the secret itself must be sent
    bool plain;  // the proxy has the secret itself: a challenge can be answered. Both false: not known
};

/** Does the user say where the secret is, so that the configuration is not needed for it? */
bool secret_is_given(const struct ctl_options *options);
/** Finds the secret. @param config  NULL: none was read
 *  @return false with `err` set */
bool secret_find(struct secret *secret, const struct ctl_options *options, const struct config *config,
                 const char *user, struct error *err);
/** Finds the ProxyKey: in the same places, and in the configuration. @return false with `err` set */
bool secret_find_key(struct secret *secret, const struct ctl_options *options, const struct config *config,
                     struct error *err);
void secret_fini(struct secret *secret);

#endif
