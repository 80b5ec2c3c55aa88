// plugins/http/protocol.h: the functions that make the plugin a protocol.
#ifndef HTTP_PROTOCOL_H
#define HTTP_PROTOCOL_H

#include <astmanproxy/plugin.h>

extern const struct amp_protocol connection_protocol;

#endif
