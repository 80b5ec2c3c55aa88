// core/base/log.c: the log: one line per fact, one write(2) per line if there is room for it.
#include "base/log.h"

#include "base/clock.h"
#include "base/log_file.h"
#include "base/log_limit.h"
#include "base/log_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES 4096 // longest line, its end included; a pipe takes that much at once

enum target {
    TARGET_STDERR,
    TARGET_PREFIXED, // stderr leads to the journal: each line begins with its level
    TARGET_FILE,
    TARGET_SYSLOG,
    TARGET_JOURNAL
};

// Global: a process has one log, and a line may be written anywhere. `current_level` is asked on hot paths, so it is
// not behind the lock.
static struct {
    pthread_rwlock_t lock; // written by log_open() and log_reopen(); a line is written under the read lock
    enum target target;
    int fd;
    char path[1024];
    struct log_socket socket;    // of TARGET_SYSLOG and TARGET_JOURNAL,
    pthread_mutex_t socket_lock; // one line at a time
    struct log_file file;        // of the other targets
} destination = {.lock = PTHREAD_RWLOCK_INITIALIZER,
                 .target = TARGET_STDERR,
                 .fd = STDERR_FILENO,
                 .socket = {.fd = -1},
                 .socket_lock = PTHREAD_MUTEX_INITIALIZER,
                 .file = {.lock = PTHREAD_MUTEX_INITIALIZER}};
// Global: of that log; lines that no target took.
static atomic_uint_least64_t lines_lost;
static atomic_int current_level = LOG_LEVEL_INFO;

static const struct {
    const char *name;
    int priority; // of syslog(3) and the journal
} levels[] = {
    [LOG_LEVEL_ERROR] = {"error", LOG_ERR},   [LOG_LEVEL_WARN] = {"warn", LOG_WARNING},
    [LOG_LEVEL_INFO] = {"info", LOG_INFO},    [LOG_LEVEL_DEBUG] = {"debug", LOG_DEBUG},
    [LOG_LEVEL_TRACE] = {"trace", LOG_DEBUG},
};

/** Does stderr lead to the journal? systemd passes the device and inode that it connected. */
static bool is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat status;
    return stream != NULL && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && fstat(STDERR_FILENO, &status) == 0 &&
           status.st_dev == device && status.st_ino == inode;
}

const char *log_error_mark(void)
{
    return is_journal() ? "<3>" : "";
}

static int open_file(const char *path, struct error *err)
{
    // Non-blocking: a pipe that nobody reads, or that is full, must not stop the program.
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
    if (fd == -1)
        error_set(err, "log %s: %s%s", path, strerror(errno), errno == ENXIO ? " (a pipe that nobody reads?)" : "");
    return fd;
}

/** Replaces the destination and closes the old one. @param socket  taken */
static void log_install(enum target target, int fd, const char *path, struct log_socket socket)
{
    pthread_rwlock_wrlock(&destination.lock);
    int old = destination.target == TARGET_FILE ? destination.fd : -1;
    struct log_socket old_socket = destination.socket;
    destination.target = target;
    destination.fd = fd;
    destination.socket = socket;
    log_file_move(&destination.file);
    snprintf(destination.path, sizeof destination.path, "%s", path);
    pthread_rwlock_unlock(&destination.lock);
    log_socket_close(&old_socket);
    if (old != -1)
        close(old);
}

/** Does `to` name the daemon: `name`, or `name:/path` for another socket? */
static bool is_daemon(const char *to, const char *name, const char *usual, const char **path)
{
    size_t length = strlen(name);

    if (strncmp(to, name, length) != 0 || (to[length] != '\0' && (to[length] != ':' || to[length + 1] != '/')))
        return false;
    *path = to[length] == ':' ? to + length + 1 : usual;
    return true;
}

/** Opens the socket of a daemon. If the daemon does not run yet, lines are sent once it does. */
static bool open_socket(enum target target, const char *path, struct error *err)
{
    struct log_socket socket;

    if (strlen(path) >= sizeof socket.path)
        return error_set(err, "log: the socket's path is longer than %zu bytes", sizeof socket.path - 1);
    socket.lost = 0;
    tzset(); // syslog's stamps are local time
    log_socket_open(&socket, path);
    log_install(target, -1, "", socket);
    return true;
}

bool log_open(const char *to, enum log_level level, struct error *err)
{
    static const struct log_socket none = {.fd = -1};
    const char *path;

    if (strcmp(to, "stderr") == 0) {
        log_install(is_journal() ? TARGET_PREFIXED : TARGET_STDERR, STDERR_FILENO, "", none);
    } else if (is_daemon(to, "syslog", LOG_SOCKET_SYSLOG, &path)) {
        if (!open_socket(TARGET_SYSLOG, path, err))
            return false;
    } else if (is_daemon(to, "journal", LOG_SOCKET_JOURNAL, &path)) {
        if (!open_socket(TARGET_JOURNAL, path, err))
            return false;
    } else {
        if (strlen(to) >= sizeof destination.path)
            return error_set(err, "log: the path is longer than %zu bytes", sizeof destination.path - 1);
        int fd = open_file(to, err);
        if (fd == -1)
            return false;
        log_install(TARGET_FILE, fd, to, none);
    }
    log_set_level(level);
    return true;
}

bool log_reopen(struct error *err)
{
    char path[sizeof destination.path];
    pthread_rwlock_rdlock(&destination.lock);
    bool is_file = destination.target == TARGET_FILE;
    memcpy(path, destination.path, sizeof path);
    pthread_rwlock_unlock(&destination.lock);
    if (!is_file)
        return true;
    int fd = open_file(path, err);
    if (fd == -1)
        return false;
    log_install(TARGET_FILE, fd, path, (struct log_socket){.fd = -1});
    return true;
}

bool log_enabled(enum log_level level)
{
    return (int)level <= atomic_load_explicit(&current_level, memory_order_relaxed);
}

void log_set_level(enum log_level level)
{
    atomic_store_explicit(&current_level, (int)level, memory_order_relaxed);
}

/** Writes the time: `2026-03-01T12:00:00.123Z`, 24 bytes and NUL. */
static void format_time(char buffer[static 32])
{
    int64_t seconds;
    int32_t microseconds;
    clock_wall(&seconds, &microseconds);
    time_t whole = (time_t)seconds;
    struct tm parts;
    gmtime_r(&whole, &parts);
    size_t length = strftime(buffer, 32, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(buffer + length, 32 - length, ".%03dZ", (int)(microseconds / 1000) % 1000);
}

/** Copies `text`, and writes control bytes as \xNN, for callers that forgot to quote what a peer sent. @return bytes
 *  written to `out`, at most `size`; what does not fit is left out */
static size_t escape_controls(char *out, size_t size, const char *text)
{
    static const char digits[] = "0123456789abcdef";
    size_t used = 0;
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        bool control = byte < 0x20 || byte == 0x7f;
        if (used + (control ? 4 : 1) > size)
            break;
        if (control) {
            out[used++] = '\\';
            out[used++] = 'x';
            out[used++] = digits[byte >> 4];
            out[used++] = digits[byte & 15];
        } else {
            out[used++] = (char)byte;
        }
    }
    return used;
}

/** Writes a whole line with time, level and end. @return its length */
static size_t format_line(char out[LOG_FILE_LINE], enum log_level level, const char *line, size_t length)
{
    char stamp[32];
    size_t head;
    if (destination.target == TARGET_PREFIXED) { // the journal adds the time itself
        head = (size_t)snprintf(out, 64, "<%d>%s ", levels[level].priority, levels[level].name);
    } else {
        format_time(stamp);
        head = (size_t)snprintf(out, 64, "%s %s ", stamp, levels[level].name);
    }
    memcpy(out + head, line, length);
    out[head + length] = '\n';
    return head + length + 1;
}

/** Writes the line in the place of lost ones. */
static size_t format_lost(char out[LOG_FILE_LINE], uint64_t lost)
{
    char notice[64];
    int length = snprintf(notice, sizeof notice, "lines lost count=%llu", (unsigned long long)lost);
    return format_line(out, LOG_LEVEL_WARN, notice, (size_t)length);
}

static void write_line(enum log_level level, const char *line, size_t length)
{
    char whole[LOG_FILE_LINE];
    size_t size = format_line(whole, level, line, length);
    if (!log_file_write(&destination.file, destination.fd, whole, size, format_lost))
        atomic_fetch_add_explicit(&lines_lost, 1, memory_order_relaxed);
}

/** Sends the line to the daemon. After lost lines, their number is sent as well. */
static void send_line(enum log_level level, const char *line, size_t length, size_t context)
{
    char datagram[LINE_BYTES * 3];
    char notice[64];
    int priority = levels[level].priority;
    bool is_syslog = destination.target == TARGET_SYSLOG;
    size_t size;

    pthread_mutex_lock(&destination.socket_lock);
    uint64_t lost = destination.socket.lost;
    size = is_syslog ? log_socket_syslog(datagram, sizeof datagram, LOG_DAEMON | priority, line, length)
                     : log_socket_journal(datagram, sizeof datagram, priority, line, length, context);
    if (!log_socket_send(&destination.socket, datagram, size)) {
        atomic_fetch_add_explicit(&lines_lost, 1, memory_order_relaxed);
    } else if (lost > 0) {
        length = (size_t)snprintf(notice, sizeof notice, "lines lost count=%llu", (unsigned long long)lost);
        size = is_syslog ? log_socket_syslog(datagram, sizeof datagram, LOG_DAEMON | LOG_WARNING, notice, length)
                         : log_socket_journal(datagram, sizeof datagram, LOG_WARNING, notice, length, 0);
        log_socket_send(&destination.socket, datagram, size);
    }
    pthread_mutex_unlock(&destination.socket_lock);
}

/** Writes a line that no limit forbids. @param context  length of the part that is the context */
static void write_out(enum log_level level, const char *text, size_t context)
{
    char line[LINE_BYTES];
    size_t length = escape_controls(line, sizeof line - 64, text); // room for the time and the level, which come first

    pthread_rwlock_rdlock(&destination.lock);
    if (destination.target == TARGET_SYSLOG || destination.target == TARGET_JOURNAL)
        send_line(level, line, length, context < length ? context : length);
    else
        write_line(level, line, length);
    pthread_rwlock_unlock(&destination.lock);
}

void log_write(enum log_level level, const struct log_context *context, const char *format, ...)
{
    char text[LINE_BYTES];
    size_t length = 0;
    int saved = errno;                         // callers may read errno after a log line
    bool is_limited = level <= LOG_LEVEL_INFO; // at debug and trace levels every line is written
    bool is_error = level == LOG_LEVEL_ERROR;  // different texts are different kinds, so the text comes first
    if (is_limited && !is_error && !log_limit_pass(format, NULL, (int)level, clock_ms())) {
        errno = saved;
        return;
    }
    if (context != NULL && context->text[0] != '\0') {
        length = strnlen(context->text, sizeof context->text);
        memcpy(text, context->text, length);
        text[length++] = ' ';
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + length, sizeof text - length, format, arguments);
    va_end(arguments);
    if (!is_error || log_limit_pass(format, text + length, (int)level, clock_ms()))
        write_out(level, text, length);
    errno = saved;
}

void log_tick(void)
{
    const char *site;
    uint64_t count;
    int level;

    pthread_rwlock_rdlock(&destination.lock);
    if (destination.target != TARGET_SYSLOG && destination.target != TARGET_JOURNAL)
        log_file_tell(&destination.file, destination.fd, format_lost);
    pthread_rwlock_unlock(&destination.lock);
    while (log_limit_take(clock_ms(), &site, &level, &count)) {
        char text[256];
        // Logs how many lines were left out. The words of their format, up to the first value, say which lines.
        size_t words = strcspn(site, "=%");
        while (site[words] != '\0' && words > 0 && site[words - 1] != ' ')
            words--;
        snprintf(text, sizeof text, "repeated lines suppressed=%llu event=\"%.*s\"", (unsigned long long)count,
                 (int)(words > 0 && site[words] != '\0' ? words - 1 : words), site);
        if (log_enabled((enum log_level)level))
            write_out((enum log_level)level, text, 0);
    }
}

void log_set_limit(uint64_t lines, uint64_t interval_ms)
{
    log_limit_set(lines, interval_ms);
}

uint64_t log_suppressed(void)
{
    return log_limit_total();
}

uint64_t log_lost(void)
{
    return atomic_load_explicit(&lines_lost, memory_order_relaxed);
}

/** Writes `byte` as it appears within quotes. @return its length (1 to 4), without NUL */
static size_t quoted_byte(char out[static 8], unsigned char byte)
{
    static const char escapes[][3] = {['"'] = "\\\"", ['\\'] = "\\\\", ['\r'] = "\\r", ['\n'] = "\\n", ['\t'] = "\\t"};
    if (byte < sizeof escapes / sizeof escapes[0] && escapes[byte][0] != '\0') {
        memcpy(out, escapes[byte], 2);
        return 2;
    }
    if (byte < 0x20 || byte >= 0x7f)
        return (size_t)snprintf(out, 8, "\\x%02x", byte);
    out[0] = (char)byte;
    return 1;
}

const char *log_quote(char *buffer, size_t size, struct span bytes)
{
    static const char cut[] = "…\"";
    size_t used = 0;
    size_t last_fit = 1; // longest prefix after which the mark of a cut still fits
    buffer[used++] = '"';
    for (size_t i = 0; i < bytes.length; i++) {
        char piece[8];
        size_t length = quoted_byte(piece, (unsigned char)bytes.bytes[i]);
        if (used + length + 2 > size) { // closing quote and NUL
            memcpy(buffer + last_fit, cut, sizeof cut);
            return buffer;
        }
        memcpy(buffer + used, piece, length);
        used += length;
        if (used + sizeof cut <= size)
            last_fit = used;
    }
    buffer[used++] = '"';
    buffer[used] = '\0';
    return buffer;
}

const char *log_text(char *buffer, size_t size, const char *text)
{
    size_t length = strlen(text);
    bool is_plain = length > 0 && length < size;

    for (size_t i = 0; i < length && is_plain; i++)
        is_plain = text[i] > ' ' && text[i] < 0x7f && text[i] != '"' && text[i] != '\\' && text[i] != '=';
    if (!is_plain)
        return log_quote(buffer, size, (struct span){text, length});
    memcpy(buffer, text, length + 1);
    return buffer;
}
