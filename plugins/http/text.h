// plugins/http/text.h: helpers for bytes, and growing buffers.
#ifndef HTTP_TEXT_H
#define HTTP_TEXT_H

#include <astmanproxy/plugin.h>

/** Bytes that grow. All zero is empty. */
struct buffer {
    char *bytes;
    size_t length, capacity;
};

/** Appends bytes. Ends the program if there is no memory: sizes are limited. */
void buffer_add(struct buffer *buffer, const char *bytes, size_t length);
/** Appends a text. */
void buffer_text(struct buffer *buffer, const char *text);
/** Appends a formatted text. */
void buffer_print(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Overwrites and frees the bytes, as they may be a secret. The buffer is empty afterwards. */
void buffer_wipe(struct buffer *buffer);
/** Returns the bytes; valid until the buffer changes. */
struct amp_bytes buffer_bytes(const struct buffer *buffer);

/** Returns the bytes of `text`; lent by it. */
struct amp_bytes text_of(const char *text);
/** Makes a copy with a NUL at its end. @param bytes  without a NUL @return the caller's; NULL: no memory */
char *text_copy(struct amp_bytes bytes);
/** Are both equal without case? */
bool text_is(struct amp_bytes bytes, const char *text);
/** Are two runs of bytes equal without case? */
bool text_equals(struct amp_bytes left, struct amp_bytes right);
/** Removes surrounding blanks and tabs. */
struct amp_bytes text_trim(struct amp_bytes bytes);
/** Takes the part before the next `separator` (or all) off `rest`. @return false: nothing was left */
bool text_next(struct amp_bytes *rest, char separator, struct amp_bytes *part);
/** Reads a number of at most `digits` decimal digits. @return false: it is something else */
bool text_number(struct amp_bytes bytes, unsigned digits, uint64_t *number);
/** Does it contain a CR, LF or NUL? */
bool text_has_line_end(struct amp_bytes bytes);
/** Returns the length of the UTF-8 character at the front; 0: there is none. @param length  > 0 */
size_t text_character(const char *bytes, size_t length);
/** Is it valid UTF-8? */
bool text_is_utf8(struct amp_bytes bytes);
/** May the name of an HTTP header contain the byte (RFC 9110, token)? */
bool text_is_token_byte(char byte);
/** Returns the value of a hexadecimal digit; -1: it is not one. */
int text_hex_digit(char byte);

#endif
