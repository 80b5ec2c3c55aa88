// plugins/http/ajam_error.c: see ajam_error.h.
#include "ajam_error.h"

void ajam_error_add(struct buffer *text, struct amp_bytes id, const char *message)
{
    buffer_print(text, "Response: Error\r\n");
    if (id.length > 0)
        buffer_print(text, "ActionID: %.*s\r\n", (int)id.length, id.bytes);
    buffer_print(text, "Message: %s\r\n\r\n", message);
}
