// plugins/http/ajam_error.h: the Errors that AJAM itself makes, as text of AMI.
#ifndef HTTP_AJAM_ERROR_H
#define HTTP_AJAM_ERROR_H

#include "text.h"

#define AJAM_NO_ACTION "Missing action in request"
#define AJAM_DENIED "Permission denied"

/** Appends an Error. @param id  the ActionID of the request; empty: none. Without a line end */
void ajam_error_add(struct buffer *text, struct amp_bytes id, const char *message);

#endif
