// tests/data/failing_malloc.c: preloaded, makes one allocation of the program fail: the one whose number
// FAIL_ALLOCATION says, counted from the start, or all from FAIL_FROM on.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static atomic_long count;
static long which, from;
static int known;

static int fails(void)
{
    long number;

    if (!known) {
        const char *text = getenv("FAIL_ALLOCATION"), *first = getenv("FAIL_FROM");
        known = 1;
        which = text == NULL ? 0 : atol(text);
        from = first == NULL ? 0 : atol(first);
    }
    number = atomic_fetch_add(&count, 1) + 1;
    if (number != which && (from == 0 || number < from))
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
    return fails() ? NULL : __libc_calloc(number, size);
}

void *realloc(void *block, size_t size)
{
    return fails() ? NULL : __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : __libc_memalign(alignment, size);
}
