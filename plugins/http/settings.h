// plugins/http/settings.h: the section `http:` of the configuration.  Thread: written once, before other threads exist.
#ifndef HTTP_SETTINGS_H
#define HTTP_SETTINGS_H

#include <astmanproxy/plugin.h>

/** `allow_get`, in the order of its words. AUTO (absent): actions that change something require a login. */
enum settings_get { SETTINGS_GET_ACTS, SETTINGS_GET_READS, SETTINGS_GET_REFUSED, SETTINGS_GET_AUTO };
/** Which clients are offered Basic by a 401. AUTO: all but browsers, which would ask their user and store the
 * credentials. */
enum settings_challenge { SETTINGS_CHALLENGE_AUTO, SETTINGS_CHALLENGE_ALWAYS, SETTINGS_CHALLENGE_NEVER };

/** Asterisk's own HTTP manager: the section `ajam:`. */
struct settings_ajam {
    bool on;
    const char *prefix;  // in front of its paths, which are there without it, too; empty: none
    uint64_t timeout_ms; // life of a session after a request
    uint64_t sessions;   // at most
    bool digest;         // digest authentication, and its paths
};

struct settings {
    uint64_t max_wait_ms;        // longest time that an answer may take
    uint64_t request_ms;         // longest time that a request may take to arrive
    uint64_t idle_ms;            // how long a connection without a request is kept
    uint64_t keep_alive_ms;      // between comments of an event stream
    uint64_t ping_ms;            // between pings of a WebSocket
    uint64_t body_bytes;         // most bytes of a body
    enum settings_get allow_get; // what GET may do
    enum settings_challenge basic_challenge;
    const char *const *origins; // origins of other sites' pages that may use the proxy; NULL-terminated
    const char *const *hosts;   // names that Host may have; NULL-terminated
    int root;                   // folder of the static files, -1: none
    struct settings_ajam ajam;
};

/** Returns the settings; lent for the life of the process. Thread: any. */
const struct settings *settings_get(void);
/** Reads the section. See struct amp_plugin. */
bool settings_configure(struct amp_settings *section);

#endif
