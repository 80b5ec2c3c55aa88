// tests/bench/shapes.h: the formats in which a listening client may read events, and how it asks for each.
#ifndef BENCH_SHAPES_H
#define BENCH_SHAPES_H

#include "bench.h"

#include <openssl/ssl.h>

/** How a format shows the two headers, and where a message ends. */
struct shape {
    const char *name, *sequence, *time, *end;
    const char *changed; // what the answer to SetOutputFormat ends with; NULL: it is not asked for
    const char *path;    // of the feed over HTTP; NULL: AMI
};

static const struct shape shapes[] = {
    {"standard", "\r\nSimSequence: ", "SimTime: ", "\r\n\r\n", NULL, NULL},
    {"xml", "<SimSequence Value=\"", "<SimTime Value=\"", "\r\n\r\n", "</AsteriskManagerProxyOutput>\r\n\r\n", NULL},
    {"json", "\"SimSequence\":\"", "\"SimTime\":\"", "\n", "\"json\"}\n", NULL},
    {"csv", "\"SimSequence: ", "\"SimTime: ", "\n", "csv\"\r\n", NULL},
    {"sse", "\"SimSequence\":\"", "\"SimTime\":\"", "\n\n", NULL, "/events"},
    {"websocket", "\"SimSequence\":\"", "\"SimTime\":\"", "\n", NULL, "/ws"},
    {"tls", "\r\nSimSequence: ", "SimTime: ", "\r\n\r\n", NULL, NULL},     // plain AMI, encrypted
    {"servers", "\r\nSimSequence: ", "SimTime: ", "\r\n\r\n", NULL, NULL}, // … of several servers
    {"sums", "", "", "\r\n\r\n", NULL, NULL},                              // plain AMI: the flood
};

/** Of which server is the message? @return the last digit of its name; 0: it has none */
static inline unsigned source_of(const char *message, const char *end)
{
    static const char name[] = "\r\nServer: ";
    const char *at = memmem(message, (size_t)(end - message), name, sizeof name - 1);
    const char *behind = at == NULL ? NULL : memchr(at + 2, '\r', (size_t)(end - at - 2));

    return behind != NULL && behind[-1] >= '0' && behind[-1] <= '9' ? (unsigned)(behind[-1] - '0') : 0;
}

/** Opens the feed of events over HTTP, and reads the head of its answer. */
static inline void open_feed(int fd, const struct shape *shape, unsigned port, const char *user, const char *secret)
{
    char request[1024];
    int length =
        snprintf(request, sizeof request, "GET %s?username=%s&secret=%s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n%s\r\n",
                 shape->path, user, secret, port,
                 strcmp(shape->name, "websocket") != 0
                     ? ""
                     : "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
    bench_send(fd, request, (size_t)length);
    bench_await(fd, "\r\n\r\n");
}

/** Logs in and asks for the format. */
static inline void open_session(int fd, const struct shape *shape, const char *user, const char *secret)
{
    char action[128];
    bench_login(fd, user, secret, "on");
    if (shape->changed == NULL)
        return;
    int length =
        snprintf(action, sizeof action, "ProxyAction: SetOutputFormat\r\nOutputFormat: %s\r\n\r\n", shape->name);
    bench_send(fd, action, (size_t)length);
    bench_await(fd, shape->changed);
}

/** Handshake and login, byte by byte as bench_await() does. Any certificate will do: nothing is hidden here. */
static inline SSL *open_tls(SSL_CTX *context, int fd, const char *user, const char *secret)
{
    static const char accepted[] = "Message: Authentication accepted\r\n\r\n";
    SSL *tls = SSL_new(context);
    char text[2048];
    size_t length = 0;
    int size = snprintf(text, sizeof text, "Action: Login\r\nUsername: %s\r\nSecret: %s\r\n\r\n", user, secret);

    if (tls == NULL || SSL_set_fd(tls, fd) != 1 || SSL_connect(tls) != 1 || SSL_write(tls, text, size) != size)
        bench_fail("no TLS with the port");
    text[0] = '\0';
    while (strstr(text, accepted) == NULL) {
        if (length == sizeof text - 1 || SSL_read(tls, text + length, 1) != 1)
            bench_fail("no login over TLS: %.*s", (int)length, text);
        text[++length] = '\0';
    }
    return tls;
}

#endif
