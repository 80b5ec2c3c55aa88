// plugins/http/text.h: runs of bytes, and buffers of them.
#ifndef HTTP_TEXT_H
#define HTTP_TEXT_H

#include <astmanproxy/plugin.h>

/** Bytes that grow. All zero is empty. */
struct buffer {
    char *bytes;
    size_t length, capacity;
};

void buffer_add(struct buffer *buffer, const char *bytes, size_t length);
void buffer_print(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Overwrites and frees what is in it: it may have been a secret. Empty afterwards. */
void buffer_wipe(struct buffer *buffer);
/** Borrowed until the buffer changes. */
struct amp_bytes buffer_bytes(const struct buffer *buffer);

struct amp_bytes text_of(const char *text);
/** The same, without regard to case? */
bool text_is(struct amp_bytes bytes, const char *text);
bool text_equals(struct amp_bytes left, struct amp_bytes right);
/** Without blanks and tabs around it. */
struct amp_bytes text_trim(struct amp_bytes bytes);
/** Takes what is in front of the next `separator` (or all) off `rest`. @return false: nothing was left */
bool text_next(struct amp_bytes *rest, char separator, struct amp_bytes *part);
/** Is it decimal digits alone, at most `digits` of them? */
bool text_number(struct amp_bytes bytes, unsigned digits, uint64_t *number);
/** Has it a byte that would end a header line or a text: CR, LF, NUL? */
bool text_has_line_end(struct amp_bytes bytes);
bool text_is_utf8(struct amp_bytes bytes);
/** May the byte stand in the name of an HTTP header (RFC 9110, token)? */
bool text_is_token_byte(char byte);
/** The value of a hexadecimal digit; -1: it is none. */
int text_hex_digit(char byte);

#endif
