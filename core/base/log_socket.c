// core/base/log_socket.c: see log_socket.h.
#include "base/log_socket.h"

#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define FIELDS 24 // of one line; further pairs do not become fields

bool log_socket_open(struct log_socket *own, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (path != own->path)
        snprintf(own->path, sizeof own->path, "%s", path);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", own->path);
    own->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (own->fd == -1)
        return false;
    if (connect(own->fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return true;
    int failure = errno;
    close(own->fd);
    own->fd = -1;
    errno = failure;
    return false;
}

void log_socket_close(struct log_socket *own)
{
    if (own->fd != -1)
        close(own->fd);
    own->fd = -1;
}

bool log_socket_send(struct log_socket *own, const char *bytes, size_t length)
{
    for (int attempt = 0; attempt < 2; attempt++) {
        if (own->fd == -1 && !log_socket_open(own, own->path))
            break;
        if (send(own->fd, bytes, length, MSG_NOSIGNAL) != -1) {
            own->lost = 0;
            return true;
        }
        if (errno == EAGAIN || errno == EMSGSIZE || errno == ENOBUFS)
            break;
        log_socket_close(own); // the daemon was restarted: its old socket is gone
    }
    own->lost++;
    return false;
}

size_t log_socket_syslog(char *out, size_t size, int priority, const char *text, size_t length)
{
    int64_t seconds;
    int32_t microseconds;
    struct tm parts;
    char stamp[32];
    int used;

    clock_wall(&seconds, &microseconds);
    time_t whole = (time_t)seconds;
    localtime_r(&whole, &parts);
    strftime(stamp, sizeof stamp, "%b %e %H:%M:%S", &parts); // the locale is C
    used = snprintf(out, size, "<%d>%s astmanproxy[%ld]: %.*s", priority, stamp, (long)getpid(), (int)length, text);
    return (size_t)used < size ? (size_t)used : size - 1;
}

// --- the journal ------------------------------------------------------------------------------------------------

struct datagram {
    char *bytes;
    size_t length, size;
    unsigned fields;
};

/** Adds a field, unless it does not fit. Values contain no line end, because the log escapes them. */
static void add_field(struct datagram *out, const char *name, const char *value, size_t length)
{
    size_t room = out->size - out->length;
    int used = snprintf(out->bytes + out->length, room, "%s=%.*s\n", name, (int)length, value);

    if (used > 0 && (size_t)used < room)
        out->length += (size_t)used;
}

static bool is_key_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '_';
}

/** Adds ASTMANPROXY_KEY with the value at `value`, without its quotes. @return length of the value in the line */
static size_t add_pair(struct datagram *out, const char *key, size_t key_length, const char *value, const char *end)
{
    char name[64] = "ASTMANPROXY_";
    char plain[1024];
    size_t at = strlen(name), used = 0;
    const char *next = value;

    for (size_t i = 0; i < key_length && at + 1 < sizeof name; i++)
        name[at++] = (char)(key[i] >= 'a' && key[i] <= 'z' ? key[i] - 'a' + 'A' : key[i]);
    bool is_quoted = next < end && *next == '"';
    next += is_quoted;
    while (next < end && (is_quoted ? *next != '"' : *next != ' ')) {
        if (is_quoted && *next == '\\' && next + 1 < end && (next[1] == '"' || next[1] == '\\'))
            next++;
        if (used < sizeof plain)
            plain[used++] = *next;
        next++;
    }
    if (out->fields++ < FIELDS)
        add_field(out, name, plain, used);
    return (size_t)(next - value) + (is_quoted && next < end);
}

/** Returns the length of the key that begins here and is followed by `=`; 0: this is a word. */
static size_t key_at(const char *text, const char *end)
{
    size_t length = 0;

    while (text + length < end && is_key_byte(text[length]))
        length++;
    return length > 0 && length < 40 && text + length < end && text[length] == '=' ? length : 0;
}

/** Adds ASTMANPROXY_EVENT, the words between the context and the first pair, and a field for each pair. */
static void add_parts(struct datagram *out, const char *text, size_t length, size_t context)
{
    size_t words = length, words_end = length; // none found yet

    for (size_t at = 0; at < length;) {
        size_t key = key_at(text + at, text + length);
        if (key > 0) {
            if (words < length && words_end == length)
                words_end = at - 1; // without the blank before the key
            at += key + 1 + add_pair(out, text + at, key, text + at + key + 1, text + length);
        } else {
            if (words == length && at >= context)
                words = at;
            while (at < length && text[at] != ' ')
                at++;
        }
        while (at < length && text[at] == ' ')
            at++;
    }
    if (words < length)
        add_field(out, "ASTMANPROXY_EVENT", text + words, words_end - words);
}

size_t log_socket_journal(char *out, size_t size, int priority, const char *text, size_t length, size_t context)
{
    struct datagram datagram = {.bytes = out, .size = size};
    char number[8];

    snprintf(number, sizeof number, "%d", priority);
    add_field(&datagram, "PRIORITY", number, strlen(number));
    add_field(&datagram, "SYSLOG_IDENTIFIER", "astmanproxy", strlen("astmanproxy"));
    add_field(&datagram, "MESSAGE", text, length);
    add_parts(&datagram, text, length, context);
    return datagram.length;
}
