// plugins/http/document.h: decodes a complete document: a body, or a message of a WebSocket.
#ifndef HTTP_DOCUMENT_H
#define HTTP_DOCUMENT_H

#include "text.h"

/** Decodes `bytes` into the session's input. Actions are kept or judged as amp_session_hold() says. */
void document_read(struct amp_session *session, const struct amp_plugin *format, struct amp_bytes bytes);

#endif
