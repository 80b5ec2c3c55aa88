// main.c: astmansim, an Asterisk Manager Interface server without an Asterisk. Start, listener, signals, end.
#include <arpa/inet.h>
#include <errno.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "background.h"
#include "calls.h"
#include "emit.h"
#include "mask.h"
#include "queues.h"
#include "session.h"

uint64_t clock_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t simulator_random(const struct simulator *simulator, uint64_t salt)
{
    uint64_t mixed = simulator->options.seed * 0x9e3779b97f4a7c15ULL + salt * 0xbf58476d1ce4e5b9ULL + 1;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    return mixed ^ (mixed >> 31);
}

static _Noreturn void main_fail(const char *what, const char *why)
{
    fprintf(stderr, "astmansim: %s: %s\n", what, why);
    exit(1);
}

static SSL_CTX *load_tls(const char *path)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL || SSL_CTX_use_certificate_chain_file(context, path) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, path, SSL_FILETYPE_PEM) != 1)
        main_fail(path, ERR_reason_error_string(ERR_get_error()));
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    return context;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address, int length,
                      void *data)
{
    (void)listener;
    (void)address;
    (void)length;
    session_create(data, fd);
}

static void on_signal(evutil_socket_t number, short what, void *data)
{
    struct simulator *simulator = data;
    struct timeval flush = {0, 200000};
    (void)number;
    (void)what;
    emit_start(simulator, "Shutdown", CLASS_SYSTEM);
    emit_line(simulator, "Shutdown: Cleanly");
    emit_line(simulator, "Restart: False");
    emit_end(simulator);
    for (struct session *session = simulator->sessions; session != NULL; session = session->next) {
        session_flush_events(session); // the action that runs will not end any more
        session_close(session);
    }
    event_base_loopexit(simulator->base, simulator->sessions == NULL ? NULL : &flush);
}

static int bound_port(struct evconnlistener *listener)
{
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } address = {.in6 = {0}};
    socklen_t length = sizeof address;
    if (getsockname(evconnlistener_get_fd(listener), &address.any, &length) == -1)
        return 0;
    return ntohs(address.any.sa_family == AF_INET6 ? address.in6.sin6_port : address.in.sin_port);
}

static struct evconnlistener *listen_on(struct simulator *simulator)
{
    const struct options *options = &simulator->options;
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options->port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)options->port)};
    bool is_v6 = strchr(options->address, ':') != NULL;
    if (inet_pton(is_v6 ? AF_INET6 : AF_INET, options->address, is_v6 ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr) !=
        1)
        main_fail(options->address, "not an address");
    unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_EXEC;
    struct evconnlistener *listener =
        evconnlistener_new_bind(simulator->base, on_accept, simulator, flags, 1024,
                                is_v6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4, is_v6 ? sizeof v6 : sizeof v4);
    if (listener == NULL)
        main_fail("cannot listen", evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
    return listener;
}

static void write_port_file(const char *name, int port)
{
    // Renamed, so that who waits for the file never reads half of it; but a pipe or a terminal is written to as it is.
    struct stat status;
    bool is_special = stat(name, &status) == 0 && !S_ISREG(status.st_mode);
    struct text path = {0};
    text_addf(&path, "%s%s", name, is_special ? "" : ".new");
    FILE *file = fopen(path.bytes, "w");
    if (file == NULL || fprintf(file, "%d\n", port) < 0 || fclose(file) != 0 ||
        (!is_special && rename(path.bytes, name) != 0))
        main_fail(name, strerror(errno));
    text_fini(&path);
}

static void tell_port(const struct options *options, int port)
{
    if (options->port_file != NULL)
        write_port_file(options->port_file, port);
    printf("listening on %s:%d\n", options->address, port);
    fflush(stdout);
}

static void simulator_init(struct simulator *simulator)
{
    const struct options *options = &simulator->options;
    simulator->base = event_base_new();
    if (simulator->base == NULL)
        main_fail("cannot start", "no event loop");
    simulator->started = time(NULL);
    simulator->reloaded = simulator->started;
    simulator->refuse = options->refuse;
    if (options->tls != NULL)
        simulator->tls = load_tls(options->tls);
    if (options->log != NULL && (simulator->log = fopen(options->log, "a")) == NULL)
        main_fail(options->log, strerror(errno));
    queues_init(simulator);
    simulator->background = background_create(simulator);
    simulator->calls_wanted = options->calls;
    if (simulator->calls_wanted > 0)
        calls_dial(simulator);
}

static void simulator_fini(struct simulator *simulator)
{
    while (simulator->sessions != NULL)
        session_destroy(simulator->sessions);
    calls_clear(simulator);
    if (simulator->dialer != NULL)
        event_free(simulator->dialer);
    background_destroy(simulator->background);
    queues_fini(simulator);
    kv_fini(&simulator->database);
    kv_fini(&simulator->variables);
    text_fini(&simulator->text);
    SSL_CTX_free(simulator->tls);
    if (simulator->log != NULL)
        fclose(simulator->log);
    event_base_free(simulator->base);
    libevent_global_shutdown();
}

int main(int count, char **arguments)
{
    struct simulator simulator = {0};
    options_parse(&simulator.options, count, arguments);
    signal(SIGPIPE, SIG_IGN);
    simulator_init(&simulator);
    struct evconnlistener *listener = listen_on(&simulator);
    struct event *term = evsignal_new(simulator.base, SIGTERM, on_signal, &simulator);
    struct event *interrupt = evsignal_new(simulator.base, SIGINT, on_signal, &simulator);
    if (term == NULL || interrupt == NULL)
        main_fail("cannot start", "no signals");
    event_add(term, NULL);
    event_add(interrupt, NULL);
    tell_port(&simulator.options, bound_port(listener));
    event_base_dispatch(simulator.base);
    evconnlistener_free(listener);
    event_free(term);
    event_free(interrupt);
    simulator_fini(&simulator);
    return 0;
}
