// core/base/audit.c: see audit.h; the text of records is in audit_text.c.
#include "base/audit.h"

#include "base/log.h"
#include "base/log_socket.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

// Global: a process has one audit log, as it has one log. All but the atomics is behind `lock`, except what the comment
// says is the thread's.
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    char *to;          // NULL: none
    int next_fd;       // opened by audit_open() and not in use yet; -1: none
    bool moved;        // there is another place
    bool reopen;       // the file shall be opened again
    char *buffer;      // records, each with its line end
    size_t used;       // bytes of it
    uint64_t left_out; // records lost since the last `lost` record
    bool running, stopping;
    pthread_t thread;
    atomic_bool on;
    atomic_uint_least64_t written, lost;
    // the thread's:
    int fd;
    struct log_socket socket;
    bool is_journal, failed;
    size_t part; // bytes of the first record in the buffer that the file has by now
} audit_log = {.lock = PTHREAD_MUTEX_INITIALIZER, .next_fd = -1, .fd = -1, .socket = {.fd = -1}};

bool audit_is_on(void)
{
    return atomic_load_explicit(&audit_log.on, memory_order_relaxed);
}

uint64_t audit_written(void)
{
    return atomic_load_explicit(&audit_log.written, memory_order_relaxed);
}

uint64_t audit_lost(void)
{
    return atomic_load_explicit(&audit_log.lost, memory_order_relaxed);
}

static bool is_journal(const char *to)
{
    return to != NULL && (strcmp(to, "journal") == 0 || strncmp(to, "journal:/", 9) == 0);
}

static int open_file(const char *path)
{
    return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
}

bool audit_open(const char *to, struct error *err)
{
    int fd = -1;

    pthread_mutex_lock(&audit_log.lock);
    bool same = to == NULL || audit_log.to == NULL ? to == audit_log.to : strcmp(to, audit_log.to) == 0;
    pthread_mutex_unlock(&audit_log.lock);
    if (same)
        return true;
    if (to != NULL && !is_journal(to)) {
        fd = open_file(to);
        if (fd == -1)
            return error_set(err, "audit log %s: %s", to, strerror(errno));
    }
    pthread_mutex_lock(&audit_log.lock);
    free(audit_log.to);
    audit_log.to = memory_text(to);
    if (audit_log.next_fd != -1)
        close(audit_log.next_fd);
    audit_log.next_fd = fd;
    audit_log.moved = true;
    if (audit_log.buffer == NULL && to != NULL)
        audit_log.buffer = memory_new(AUDIT_BUFFER_BYTES);
    atomic_store(&audit_log.on, to != NULL);
    pthread_mutex_unlock(&audit_log.lock);
    return true;
}

void audit_reopen(void)
{
    pthread_mutex_lock(&audit_log.lock);
    audit_log.reopen = true;
    if (audit_log.running)
        pthread_cond_signal(&audit_log.changed);
    pthread_mutex_unlock(&audit_log.lock);
}

// --- the buffer -------------------------------------------------------------------------------------------------

/** Adds a record, its end included. With the lock. @return false: there is no room */
static bool buffer_put(const char *text, size_t length)
{
    if (audit_log.used + length > AUDIT_BUFFER_BYTES)
        return false;
    memcpy(audit_log.buffer + audit_log.used, text, length);
    audit_log.used += length;
    return true;
}

/** Tells of the lost records, in their place. With the lock. @return false: there is no room for that */
static bool put_lost(void)
{
    struct audit record;

    if (audit_log.left_out == 0 || audit_log.buffer == NULL)
        return true;
    audit_begin(&record, "lost");
    audit_number(&record, "count", audit_log.left_out);
    record.text[record.length++] = '}';
    record.text[record.length++] = '\n';
    if (!buffer_put(record.text, record.length))
        return false;
    audit_log.left_out = 0;
    return true;
}

void audit_put(struct audit *audit)
{
    if (audit->cut)
        audit->length += (size_t)sprintf(audit->text + audit->length, ",\"cut\":true");
    audit->text[audit->length++] = '}';
    audit->text[audit->length++] = '\n';
    pthread_mutex_lock(&audit_log.lock);
    if (audit_log.buffer != NULL && put_lost() && buffer_put(audit->text, audit->length)) {
        if (audit_log.running)
            pthread_cond_signal(&audit_log.changed);
    } else {
        audit_log.left_out++;
        atomic_fetch_add(&audit_log.lost, 1);
    }
    pthread_mutex_unlock(&audit_log.lock);
}

void audit_abandon(struct audit *audit)
{
    if (audit == NULL)
        return;
    audit_text(audit, "outcome", span_of("not answered"));
    audit_put(audit);
    free(audit);
}

// --- the thread -------------------------------------------------------------------------------------------------

/** Removes the beginning of a record from the end of the file, as the whole record goes to another one. Does nothing
 *  if somebody else has written behind it. */
static void drop_part(void)
{
    struct stat status;
    off_t end = audit_log.part == 0 ? -1 : lseek(audit_log.fd, 0, SEEK_CUR);

    if (end >= (off_t)audit_log.part && fstat(audit_log.fd, &status) == 0 && status.st_size == end &&
        ftruncate(audit_log.fd, end - (off_t)audit_log.part) != 0)
        log_warn(NULL, "audit log ends in a part of a record reason=\"%s\"", strerror(errno));
    audit_log.part = 0;
}

static void close_place(void)
{
    drop_part();
    if (audit_log.fd != -1)
        close(audit_log.fd);
    audit_log.fd = -1;
    log_socket_close(&audit_log.socket);
}

/** Goes over to another place, or opens the file again. With the lock, which it gives up to open a file. */
static void change_place(void)
{
    int failure = 0;

    if (audit_log.moved) {
        close_place();
        audit_log.is_journal = is_journal(audit_log.to);
        audit_log.fd = audit_log.next_fd;
        audit_log.next_fd = -1;
        audit_log.moved = false;
        if (audit_log.is_journal)
            (void)log_socket_open(&audit_log.socket, audit_log.to[7] == ':' ? audit_log.to + 8 : LOG_SOCKET_JOURNAL);
    } else if (audit_log.reopen && audit_log.fd != -1) {
        char *path = memory_text(audit_log.to);
        pthread_mutex_unlock(&audit_log.lock);
        int fd = open_file(path);
        free(path);
        pthread_mutex_lock(&audit_log.lock);
        failure = fd == -1 ? errno : 0;
        if (fd != -1) {
            close_place();
            audit_log.fd = fd;
        }
    }
    audit_log.reopen = false;
    if (failure != 0)
        log_error(NULL, "audit log not reopened reason=\"%s\"", strerror(failure));
}

/** Writes one record, or the rest of it. @return the bytes that were written; -1: errno is set */
static ssize_t write_record(const char *text, size_t length)
{
    char datagram[AUDIT_RECORD_BYTES + 128];

    if (!audit_log.is_journal)
        return write(audit_log.fd, text, length);
    int size = snprintf(datagram, sizeof datagram,
                        "PRIORITY=%d\nSYSLOG_IDENTIFIER=astmanproxy\nASTMANPROXY_EVENT=audit\nMESSAGE=%.*s\n",
                        LOG_NOTICE, (int)length - 1, text);
    return log_socket_send(&audit_log.socket, datagram, (size_t)size) ? (ssize_t)length : -1;
}

/** Writes records until one cannot be written as a whole. @return the bytes of the whole ones */
static size_t write_records(const char *text, size_t length)
{
    size_t done = 0;

    while (done < length) {
        const char *end = memchr(text + done, '\n', length - done);
        size_t size = (size_t)(end - (text + done)) + 1;
        errno = 0;
        ssize_t written = write_record(text + done + audit_log.part, size - audit_log.part);
        if (written == -1 && errno == EINTR)
            continue;
        if (written > 0)
            audit_log.part += (size_t)written;
        if (audit_log.part < size) {
            if (!audit_log.failed)
                log_warn(NULL, "audit log not written, records wait reason=\"%s\"",
                         written >= 0           ? "a part of a record did not fit"
                         : audit_log.is_journal ? "the journal does not take it"
                                                : strerror(errno));
            audit_log.failed = true;
            return done;
        }
        audit_log.part = 0;
        done += size;
        atomic_fetch_add(&audit_log.written, 1);
    }
    return done;
}

static void wait_for_records(bool retry)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec++;
    if (retry)
        pthread_cond_timedwait(&audit_log.changed, &audit_log.lock, &until);
    else
        pthread_cond_wait(&audit_log.changed, &audit_log.lock);
}

/** Writes what waits. The lock is held, and let go while it writes. @param told  records that the log has told as lost
 *  @return was all written? */
static bool write_waiting(char *copy, uint64_t *told)
{
    size_t length = audit_log.used;

    memcpy(copy, audit_log.buffer, length);
    pthread_mutex_unlock(&audit_log.lock);
    size_t done = write_records(copy, length);
    uint64_t lost = audit_lost();
    if (lost > *told)
        log_warn(NULL, "audit records lost count=%llu", (unsigned long long)(lost - *told));
    *told = lost;
    pthread_mutex_lock(&audit_log.lock);
    memmove(audit_log.buffer, audit_log.buffer + done, audit_log.used - done);
    audit_log.used -= done;
    if (done == length && audit_log.failed) {
        audit_log.failed = false; // told when there is room again
        pthread_mutex_unlock(&audit_log.lock);
        log_info(NULL, "audit log written again");
        pthread_mutex_lock(&audit_log.lock);
    }
    return done == length;
}

static void *audit_run(void *argument)
{
    char *copy = memory_new(AUDIT_BUFFER_BYTES);
    uint64_t told = 0;
    (void)argument;

    pthread_mutex_lock(&audit_log.lock);
    while (!audit_log.stopping || audit_log.used > 0) {
        bool can = audit_log.fd != -1 || audit_log.is_journal;
        if (audit_log.moved && audit_log.used > 0 && can)
            (void)write_waiting(copy, &told); // what was recorded before the move
        if (audit_log.moved || audit_log.reopen)
            change_place();
        (void)put_lost();
        can = audit_log.fd != -1 || audit_log.is_journal;
        if (audit_log.used > 0 && can && write_waiting(copy, &told))
            continue;
        if (audit_log.stopping)
            break; // once more was enough
        wait_for_records(audit_log.failed);
    }
    if (audit_log.used > 0 || audit_log.left_out > 0)
        log_warn(NULL, "audit records lost at the end bytes=%zu", audit_log.used);
    pthread_mutex_unlock(&audit_log.lock);
    free(copy);
    return NULL;
}

bool audit_start(struct error *err)
{
    pthread_condattr_t monotonic;
    sigset_t all, before;
    int failure;

    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&audit_log.changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    sigfillset(&all); // the event loops handle signals
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_mutex_lock(&audit_log.lock);
    failure = pthread_create(&audit_log.thread, NULL, audit_run, NULL);
    audit_log.running = failure == 0;
    pthread_mutex_unlock(&audit_log.lock);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failure == 0 || error_set(err, "cannot start the thread of the audit log: %s", strerror(failure));
}

void audit_stop(void)
{
    pthread_mutex_lock(&audit_log.lock);
    bool running = audit_log.running;
    audit_log.stopping = true;
    audit_log.running = false;
    if (running)
        pthread_cond_signal(&audit_log.changed);
    pthread_mutex_unlock(&audit_log.lock);
    if (running)
        pthread_join(audit_log.thread, NULL);
    close_place();
    free(audit_log.to);
    free(audit_log.buffer);
    audit_log.to = audit_log.buffer = NULL;
    atomic_store(&audit_log.on, false);
}
