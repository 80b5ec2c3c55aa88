// core/config/source.c: reads files for the configuration, and finds their lines for error messages.
#include "config/source.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_BYTES ((size_t)64 * 1024)

static char *path_join(const char *folder, const char *name, size_t name_length)
{
    size_t folder_length = strlen(folder);
    char *joined = memory_new(folder_length + 1 + name_length + 1);
    memcpy(joined, folder, folder_length);
    joined[folder_length] = '/';
    memcpy(joined + folder_length + 1, name, name_length);
    joined[folder_length + 1 + name_length] = '\0';
    return joined;
}

char *source_absolute(const char *path)
{
    char folder[PATH_MAX];
    if (path[0] == '/' || getcwd(folder, sizeof folder) == NULL)
        return memory_text(path);
    return path_join(folder, path, strlen(path));
}

#define MARK "\xEF\xBB\xBF" // U+FEFF in UTF-8, which some editors write at the start of a file

static bool source_begins(struct span bytes, const char *mark, size_t length)
{
    return bytes.length >= length && memcmp(bytes.bytes, mark, length) == 0;
}

/** Is it text in UTF-16, as its byte-order mark says? */
static bool is_utf16(struct span bytes)
{
    return source_begins(bytes, "\xFF\xFE", 2) || source_begins(bytes, "\xFE\xFF", 2);
}

void source_init(struct source *source, const char *path, struct span bytes, unsigned mode)
{
    if (source_begins(bytes, MARK, sizeof MARK - 1))
        bytes = (struct span){bytes.bytes + sizeof MARK - 1, bytes.length - (sizeof MARK - 1)};
    *source = (struct source){.path = memory_text(path), .length = bytes.length, .mode = mode};
    source->bytes = memory_text_of(bytes.bytes == NULL ? "" : bytes.bytes, bytes.length);
    source->folder = source_absolute(path);
    char *slash = strrchr(source->folder, '/');
    if (slash != NULL)
        *slash = '\0';
}

void source_fini(struct source *source)
{
    if (source->bytes != NULL)
        explicit_bzero(source->bytes, source->length);
    free(source->bytes);
    free(source->folder);
    free(source->path);
    *source = (struct source){0};
}

void source_wipe(char *text)
{
    if (text != NULL)
        explicit_bzero(text, strlen(text));
    free(text);
}

/** Returns a buffer of twice the size with the content of the old one, which is wiped and freed. */
static char *source_grow(char *old, size_t *size, size_t limit)
{
    size_t larger = *size * 2 < limit ? *size * 2 : limit;
    char *buffer = memory_new(larger);
    memcpy(buffer, old, *size);
    explicit_bzero(old, *size);
    free(old);
    *size = larger;
    return buffer;
}

/** Reads until the end of the file or until `limit` bytes are there. @param buffer  set to them; the caller wipes and
 *  frees it  @return bytes read, or -1 with errno set */
static ssize_t read_up_to(int fd, char **buffer, size_t limit)
{
    size_t length = 0, size = FIRST_BYTES < limit ? FIRST_BYTES : limit;
    *buffer = memory_new(size);
    while (length < limit) {
        if (length == size)
            *buffer = source_grow(*buffer, &size, limit);
        ssize_t got = read(fd, *buffer + length, size - length);
        if (got == -1 && errno == EINTR)
            continue;
        if (got == -1)
            return -1;
        if (got == 0)
            break;
        length += (size_t)got;
    }
    return (ssize_t)length;
}

bool source_read(const char *path, size_t limit, struct source *source, struct error *err)
{
    bool done = false;
    struct stat status; // of the open file, so that its mode cannot change between check and use
    ssize_t length = -1;
    char *buffer = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd == -1 || fstat(fd, &status) == -1) {
        error_set(err, "%s", strerror(errno));
        goto out;
    }
    length = read_up_to(fd, &buffer, limit + 1);
    if (length == -1) {
        error_set(err, "%s", strerror(errno));
        goto out;
    }
    if ((size_t)length > limit) {
        error_set(err, "more than %zu bytes", limit);
        goto out;
    }
    if (is_utf16((struct span){buffer, (size_t)length})) {
        error_set(err,
                  "a text in UTF-16, as its byte-order mark says; expected UTF-8 (iconv -f utf-16 -t utf-8 makes it)");
        goto out;
    }
    source_init(source, path, (struct span){buffer, (size_t)length}, status.st_mode & 07777);
    source->group = status.st_gid;
    done = true;
out:
    if (length > 0)
        explicit_bzero(buffer, (size_t)length);
    free(buffer);
    if (fd != -1)
        close(fd);
    return done;
}

struct span source_line(const struct source *source, size_t number)
{
    const char *at = source->bytes;
    const char *end = at + source->length;
    for (size_t line = 1;; line++) {
        const char *stop = at;
        while (stop < end && *stop != '\n' && *stop != '\r')
            stop++;
        if (line == number)
            return (struct span){at, (size_t)(stop - at)};
        if (stop == end)
            return (struct span){at, 0};
        at = stop + (*stop == '\r' && stop + 1 < end && stop[1] == '\n' ? 2 : 1);
    }
}

char *source_resolve(const struct source *source, struct span text)
{
    if (text.length > 0 && text.bytes[0] == '/')
        return memory_text_of(text.bytes, text.length);
    return path_join(source->folder, text.bytes, text.length);
}
