// text.c: a growable string, always NUL-terminated.
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *or_die(void *memory)
{
    if (memory == NULL) {
        fputs("astmansim: out of memory\n", stderr);
        abort();
    }
    return memory;
}

void *must_calloc(size_t count, size_t size)
{
    return or_die(calloc(count, size));
}

void *must_realloc(void *memory, size_t size)
{
    return or_die(realloc(memory, size));
}

char *must_strdup(const char *string)
{
    return or_die(strdup(string));
}

static void text_reserve(struct text *text, size_t more)
{
    size_t wanted = text->length + more + 1;
    if (wanted <= text->capacity)
        return;
    size_t capacity = text->capacity == 0 ? 1024 : text->capacity;
    while (capacity < wanted)
        capacity *= 2;
    text->bytes = must_realloc(text->bytes, capacity);
    text->capacity = capacity;
}

void text_add(struct text *text, const void *bytes, size_t length)
{
    text_reserve(text, length);
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void text_addf(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    text_reserve(text, (size_t)length);
    va_start(arguments, format);
    vsnprintf(text->bytes + text->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    text->length += (size_t)length;
}

void text_clear(struct text *text)
{
    text->length = 0;
    if (text->bytes != NULL)
        text->bytes[0] = '\0';
}

void text_fini(struct text *text)
{
    free(text->bytes);
    *text = (struct text){0};
}
