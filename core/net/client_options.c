// core/net/client_options.c: see client_options.h.
#include "net/client_options.h"

#include "net/transport.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

static const struct {
    int level, name, value;
} options[] = {
    {SOL_SOCKET, SO_KEEPALIVE, 1},          {IPPROTO_TCP, TCP_KEEPIDLE, 60}, // seconds of silence
    {IPPROTO_TCP, TCP_KEEPINTVL, 10},       {IPPROTO_TCP, TCP_KEEPCNT, 6},
    {IPPROTO_TCP, TCP_USER_TIMEOUT, 60000}, // milliseconds in which something must be acknowledged
    {IPPROTO_TCP, TCP_NODELAY, 1},          {IPPROTO_TCP, TCP_NOTSENT_LOWAT, TRANSPORT_UNSENT},
};

void client_options_set(int fd)
{
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof options[i].value);
}
