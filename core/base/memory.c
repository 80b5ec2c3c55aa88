// core/base/memory.c: allocation that cannot fail.
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

void memory_exhausted(size_t size)
{
    fprintf(stderr, "astmanproxy: out of memory (%zu bytes wanted)\n", size);
    _exit(EX_SOFTWARE); // no atexit handlers: they may allocate
}

static void *memory_must(void *block, size_t size)
{
    if (block == NULL)
        memory_exhausted(size);
    return block;
}

void *memory_new(size_t size)
{
    return memory_must(malloc(size > 0 ? size : 1), size);
}

void *memory_zero(size_t count, size_t size)
{
    if (count == 0 || size == 0)
        count = size = 1;
    return memory_must(calloc(count, size), size);
}

void *memory_grow(void *block, size_t size)
{
    return memory_must(realloc(block, size > 0 ? size : 1), size);
}

void *memory_aligned(size_t alignment, size_t size)
{
    return memset(memory_must(aligned_alloc(alignment, size), size), 0, size);
}

void memory_free(const void *block)
{
    free(memory_writable(block));
}

char *memory_text(const char *text)
{
    return text == NULL ? NULL : memory_text_of(text, strlen(text));
}

char *memory_text_of(const char *bytes, size_t length)
{
    char *copy = memory_new(length + 1);
    if (length > 0)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

void *memory_library_new(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return size == 0 ? NULL : memory_new(size);
}

void *memory_library_grow(void *block, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    if (size > 0)
        return memory_grow(block, size);
    free(block);
    return NULL;
}

void memory_library_free(void *block, const char *file, int line)
{
    (void)file;
    (void)line;
    free(block);
}
