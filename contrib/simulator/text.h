// text.h: a growable string, always NUL-terminated. Running out of memory ends the program.
#pragma once
#include <stddef.h>

struct text {
    char *bytes;
    size_t length;
    size_t capacity;
};

/** Appends `length` bytes. */
void text_add(struct text *text, const void *bytes, size_t length);

/** Appends as printf does. */
void text_addf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Empties the text and keeps its memory. */
void text_clear(struct text *text);

/** Frees the memory; the text is empty and usable afterwards. */
void text_fini(struct text *text);

/** malloc, calloc, strdup and realloc that end the program instead of failing. */
void *must_calloc(size_t count, size_t size);
void *must_realloc(void *memory, size_t size);
char *must_strdup(const char *string);
