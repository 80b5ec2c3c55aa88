// core/base/memory.h: allocation that cannot fail. A small allocation that fails ends the program with one
// line on stderr (exit code 70); a size that a peer chooses is checked before it comes here. Thread: any.
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/** Ends the program like a failed small allocation: for libraries that report this failure by a result. */
_Noreturn void memory_exhausted(size_t size);
/** malloc() that never returns NULL (size 0 gives one byte). The caller frees with free(). */
void *memory_new(size_t size) __attribute__((malloc, returns_nonnull));
/** calloc() that never returns NULL. */
void *memory_zero(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
/** realloc() that never returns NULL. */
void *memory_grow(void *block, size_t size) __attribute__((returns_nonnull));
/** Zeroed memory at a multiple of `alignment`; `size` must be a multiple, too. The caller frees with free(). */
void *memory_aligned(size_t alignment, size_t size) __attribute__((malloc, returns_nonnull));
/** strdup() that never returns NULL; NULL gives NULL. */
char *memory_text(const char *text);
/** A NUL-terminated copy of `length` bytes. */
char *memory_text_of(const char *bytes, size_t length) __attribute__((returns_nonnull));
/** The same memory without const, for its owner alone: one who shares it as const with others and now counts a
 *  reference, or gives it to a system call that declares no const. Everybody else who wants this has a const too many,
 *  or too few: `-Wcast-qual` refuses other casts. */
static inline void *memory_writable(const void *memory)
{
    return (void *)(uintptr_t)memory;
}
/** Has the processor load `lines` times 64 bytes from `at` on, which will be used soon, while it does other work.
 * Nothing is read: `at` may be NULL, and the lines may end behind the block. */
__attribute__((always_inline)) static inline void memory_expect(const void *at, size_t lines)
{
    for (size_t i = 0; i < lines; i++)
        __builtin_prefetch((const void *)((uintptr_t)at + i * 64));
}
/** free() of what its owner has shown to others as const. NULL is fine. */
void memory_free(const void *block);

/** malloc(), realloc() and free() that cannot fail, for libraries with replaceable allocators that do not survive a
 *  failure. A block of 0 bytes is NULL. `file` and `line` are ignored. */
void *memory_library_new(size_t size, const char *file, int line);
void *memory_library_grow(void *block, size_t size, const char *file, int line);
void memory_library_free(void *block, const char *file, int line);

#endif
