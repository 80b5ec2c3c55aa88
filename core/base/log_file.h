// core/base/log_file.h: lines for a descriptor that may be unable to take them: a full disk, a pipe that nobody reads.
// A line is written whole or not at all: the rest of one that was begun comes first, as soon as there is room. Lines
// that found no room are counted, and a line in their place tells how many.  Thread: any; a lock in it.
#ifndef BASE_LOG_FILE_H
#define BASE_LOG_FILE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_FILE_LINE 4608 // bytes of a line, with time and level

struct log_file {
    pthread_mutex_t lock;
    uint64_t lost; // lines since the last one that was written
    char rest[LOG_FILE_LINE];
    size_t rest_length; // of the line that was begun
};

/** Writes a line, its end included. @param length  at most LOG_FILE_LINE
 *  @param notice  writes into `text` the line that tells of `lost` lines @return its length
 *  @return false: it was lost */
bool log_file_write(struct log_file *file, int fd, const char *line, size_t length,
                    size_t (*notice)(char text[LOG_FILE_LINE], uint64_t lost));
/** Tells of lost lines, if there are any and there is room now. */
void log_file_tell(struct log_file *file, int fd, size_t (*notice)(char text[LOG_FILE_LINE], uint64_t lost));
/** The descriptor is another file's from now on: the rest of a line is of no use there. */
void log_file_move(struct log_file *file);

#endif
