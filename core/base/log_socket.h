// core/base/log_socket.h: sends lines as datagrams to a daemon on this machine: syslog (RFC 3164, as glibc writes it)
// and the journal with fields (systemd.io/JOURNAL_NATIVE_PROTOCOL). Never waits: lines that the daemon does not accept
// are lost and counted. Thread: any, one at a time for each socket.
#ifndef BASE_LOG_SOCKET_H
#define BASE_LOG_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_SOCKET_SYSLOG "/dev/log"
#define LOG_SOCKET_JOURNAL "/run/systemd/journal/socket"

struct log_socket {
    int fd; // -1: not connected
    char path[108];
    uint64_t lost; // lines since the last accepted one
};

/** Connects. @return false with errno: nobody listens there (each line tries again) */
bool log_socket_open(struct log_socket *socket, const char *path);
void log_socket_close(struct log_socket *socket);
/** Sends a datagram; reconnects if the daemon was restarted. @return false: the line was lost */
bool log_socket_send(struct log_socket *socket, const char *bytes, size_t length);
/** Builds the datagram of a line for syslog. @param priority  facility and level @return its length, at most `size` */
size_t log_socket_syslog(char *out, size_t size, int priority, const char *text, size_t length);
/** Builds the datagram of a line for the journal: MESSAGE, PRIORITY and SYSLOG_IDENTIFIER; each key=value of the line
 * as a field ASTMANPROXY_KEY; the words before the first of them (without the context) as ASTMANPROXY_EVENT. @param
 * context  length of the part of `text` that is the context */
size_t log_socket_journal(char *out, size_t size, int priority, const char *text, size_t length, size_t context);

#endif
