// tests/unit/plugins/http_balancer.h: what the program says of a balancer's requests, in place of the program.
#ifndef PLUGINS_HTTP_BALANCER_H
#define PLUGINS_HTTP_BALANCER_H

#include "tests/unit/plugins/http_session.h"

#include "plugins/http/forwarded.c"

// Global: amp_session_client() has no other way to its test.
static enum amp_client balancer_client; // what it says
static char balancer_told[256];         // what it was told last

enum amp_client amp_session_client(struct amp_session *session, struct amp_bytes forwarded)
{
    (void)session;
    snprintf(balancer_told, sizeof balancer_told, "%.*s", (int)forwarded.length,
             forwarded.length > 0 ? forwarded.bytes : "");
    return balancer_client;
}

#endif
