// tests/unit/bus/nats_process.h: a nats-server on loopback, at a port that the kernel chooses and that stays over
// restarts.
#ifndef UNIT_BUS_NATS_PROCESS_H
#define UNIT_BUS_NATS_PROCESS_H

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct nats_process {
    pid_t pid; // 0: not running
    int port;
    char url[64];
};

/** Chooses a port. Nothing listens there yet. */
static inline void nats_init(struct nats_process *nats)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (bind(fd, (struct sockaddr *)&address, sizeof address) == -1 ||
        getsockname(fd, (struct sockaddr *)&address, &size) == -1)
        abort();
    close(fd);
    *nats = (struct nats_process){.port = ntohs(address.sin_port)};
    snprintf(nats->url, sizeof nats->url, "nats://127.0.0.1:%d", nats->port);
}

static inline void nats_start(struct nats_process *nats)
{
    char port[16];
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

    snprintf(port, sizeof port, "%d", nats->port);
    nats->pid = fork();
    if (nats->pid != 0) {
        close(null);
        return;
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(null, 1);
    dup2(null, 2);
    execlp("nats-server", "nats-server", "-a", "127.0.0.1", "-p", port, (char *)NULL);
    _exit(127);
}

static inline void nats_kill(struct nats_process *nats)
{
    if (nats->pid == 0)
        return;
    kill(nats->pid, SIGKILL);
    waitpid(nats->pid, NULL, 0);
    nats->pid = 0;
}

#endif
