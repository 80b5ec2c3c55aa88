// plugins/http/document.h: a whole document (a body, a message of a WebSocket) is read by its format.
#ifndef HTTP_DOCUMENT_H
#define HTTP_DOCUMENT_H

#include "text.h"

/** Hands what `bytes` says to the session's input. Actions go on as amp_session_hold() says. */
void document_read(struct amp_session *session, const struct amp_plugin *format, struct amp_bytes bytes);

#endif
