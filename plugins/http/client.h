// plugins/http/client.h: what the program keeps for each session of this plugin: a connection, or an AJAM session
// without one.
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include <astmanproxy/plugin.h>

/** The first field of `struct connection` and `struct ajam_session`. */
struct client {
    bool is_detached; // it is a struct ajam_session
};

#endif
