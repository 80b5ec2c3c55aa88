// core/script/source.h: reads the text of a script.  Thread: any.
#ifndef SCRIPT_SOURCE_H
#define SCRIPT_SOURCE_H

#include <stddef.h>

#define SCRIPT_SOURCE_BYTES (1024 * 1024) // no script is longer

/** Reads a whole script; a NUL stands behind its `length` bytes, and the caller frees it. NULL if it cannot be read
 * (errno), or is longer than SCRIPT_SOURCE_BYTES (errno is EFBIG). */
char *script_source_read(const char *path, size_t *length);

#endif
