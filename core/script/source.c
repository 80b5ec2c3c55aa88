// core/script/source.c: reads the text of a script.
#include "script/source.h"

#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_BYTES (16 * 1024) // most scripts fit

char *script_source_read(const char *path, size_t *length)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return NULL;
    size_t room = FIRST_BYTES, used = 0;
    char *text = memory_new(room + 1);
    while ((used += fread(text + used, 1, room - used, file)) == room && room <= SCRIPT_SOURCE_BYTES)
        text = memory_grow(text, (room *= 2) + 1);
    int reason = ferror(file) ? errno : used > SCRIPT_SOURCE_BYTES ? EFBIG : 0;
    (void)fclose(file);
    if (reason != 0) {
        free(text);
        errno = reason;
        return NULL;
    }
    text[used] = '\0';
    *length = used;
    return memory_grow(text, used + 1);
}
