// core/base/log_file.c: see log_file.h.
#include "base/log_file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/** Writes a line, or keeps the rest of it. @return false: nothing was written, and the line is lost */
static bool log_file_put(struct log_file *file, int fd, const char *line, size_t length)
{
    ssize_t written;

    while ((written = write(fd, line, length)) == -1 && errno == EINTR)
        continue;
    if (written <= 0)
        return false;
    file->rest_length = length - (size_t)written;
    memcpy(file->rest, line + written, file->rest_length);
    return true;
}

/** Writes what must come before another line: the rest of one, and the notice of lost ones. @return false: no room */
static bool log_file_catch_up(struct log_file *file, int fd, size_t (*notice)(char text[LOG_FILE_LINE], uint64_t lost))
{
    char rest[LOG_FILE_LINE];
    size_t length = file->rest_length;

    if (length > 0) {
        memcpy(rest, file->rest, length);
        if (!log_file_put(file, fd, rest, length) || file->rest_length > 0)
            return false;
    }
    if (file->lost > 0) {
        length = notice(rest, file->lost);
        if (!log_file_put(file, fd, rest, length))
            return false;
        file->lost = 0;
    }
    return file->rest_length == 0;
}

bool log_file_write(struct log_file *file, int fd, const char *line, size_t length,
                    size_t (*notice)(char text[LOG_FILE_LINE], uint64_t lost))
{
    bool written;

    pthread_mutex_lock(&file->lock);
    written = log_file_catch_up(file, fd, notice) && log_file_put(file, fd, line, length);
    file->lost += !written;
    pthread_mutex_unlock(&file->lock);
    return written;
}

void log_file_tell(struct log_file *file, int fd, size_t (*notice)(char text[LOG_FILE_LINE], uint64_t lost))
{
    pthread_mutex_lock(&file->lock);
    if (file->lost > 0 || file->rest_length > 0)
        (void)log_file_catch_up(file, fd, notice);
    pthread_mutex_unlock(&file->lock);
}

void log_file_move(struct log_file *file)
{
    pthread_mutex_lock(&file->lock);
    file->rest_length = 0;
    pthread_mutex_unlock(&file->lock);
}
