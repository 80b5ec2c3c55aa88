// tests/bench/bench_actions.c: round trips. C clients keep D actions in flight each until every one of them has had R
// answers. Each action has an ActionID of its own that names its client; an answer must be a success, carry an ActionID
// that this client waits for, and come once. Anything else makes the exit code 1. Prints one line of JSON.
#include "bench.h"

#include <fcntl.h>
#include <sys/epoll.h>

#define STALL_MS 20000 // silence after which what has not come is called missing
#define LINGER_MS 100  // listened on for answers that must not come any more

struct client {
    int fd; // -1: closed by the peer
    uint32_t index;
    uint64_t sent, answered;
    uint64_t *serials; // of the action in each place of `depth`, 0: free
    uint64_t *sent_ns;
    char *input, *output;
    size_t input_length, input_capacity, output_length, output_capacity;
    bool wants_write;
};

struct bench {
    int epoll;
    uint32_t client_count, depth;
    uint64_t per_client, answered, failures, misrouted, repeated, closed, serial_base;
    const char *action; // `Action: …` and further lines, each with CR LF
    struct client *clients;
    struct histogram latency;
};

static void watch(struct bench *bench, struct client *client, int operation, bool writing)
{
    struct epoll_event event = {.events = writing ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.u32 = client->index};
    if (epoll_ctl(bench->epoll, operation, client->fd, &event) != 0)
        bench_fail("epoll_ctl: %s", strerror(errno));
    client->wants_write = writing;
}

static void close_client(struct bench *bench, struct client *client)
{
    close(client->fd);
    client->fd = -1;
    bench->closed++;
}

static void flush_client(struct bench *bench, struct client *client)
{
    size_t done = 0;
    while (done < client->output_length) {
        ssize_t sent = send(client->fd, client->output + done, client->output_length - done, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            close_client(bench, client);
            return;
        }
        if (sent < 0 && errno == EAGAIN)
            break;
        done += sent > 0 ? (size_t)sent : 0;
    }
    memmove(client->output, client->output + done, client->output_length - done);
    client->output_length -= done;
    if (client->wants_write != (client->output_length > 0))
        watch(bench, client, EPOLL_CTL_MOD, client->output_length > 0);
}

/** Fills every free place of the client with a new action; they go out in one write. */
static void ask(struct bench *bench, struct client *client)
{
    for (uint32_t place = 0; place < bench->depth && client->sent < bench->per_client; place++) {
        if (client->serials[place] != 0)
            continue;
        client->serials[place] = bench->serial_base + ++client->sent;
        client->sent_ns[place] = bench_now_ns();
        size_t room = client->output_capacity - client->output_length;
        int length = snprintf(client->output + client->output_length, room, "%sActionID: b%u-%u-%llu\r\n\r\n",
                              bench->action, client->index, place, (unsigned long long)client->serials[place]);
        if (length < 0 || (size_t)length >= room)
            bench_fail("the output of a client is full");
        client->output_length += (size_t)length;
    }
    flush_client(bench, client);
}

/** Reads `b<client>-<place>-<serial>` at the end of a line. */
static bool read_id(const char *at, const char *end, uint64_t numbers[3])
{
    if (*at++ != 'b')
        return false;
    for (int i = 0; i < 3; i++)
        if (!bench_number(&at, end, &numbers[i]) || *at++ != (i < 2 ? '-' : '\r'))
            return false;
    return true;
}

/** Does the message have that line? */
static bool has_line(const char *message, const char *end, const char *line)
{
    const char *found = memmem(message, (size_t)(end - message), line, strlen(line));
    return found != NULL && found[-1] == '\n' && found[strlen(line)] == '\r';
}

static void check_answer(struct bench *bench, struct client *client, const char *message, const char *end, uint64_t now)
{
    static const char name[] = "\r\nActionID: ";
    uint64_t id[3];
    const char *at = memmem(message, (size_t)(end - message), name, sizeof name - 1);
    bool response = memcmp(message, "Response: ", 10) == 0;
    if (!response && at == NULL)
        return; // an event for everybody
    if (at == NULL || !read_id(at + sizeof name - 1, end, id) || id[0] != client->index || id[1] >= bench->depth) {
        bench->misrouted++;
        return;
    }
    if (client->serials[id[1]] != id[2]) {
        bench->repeated++;
        return;
    }
    if (response)
        bench->failures += memcmp(message, "Response: Success\r\n", 19) != 0;
    if (response ? has_line(message, end, "EventList: start") : !has_line(message, end, "EventList: Complete"))
        return; // a list goes on
    histogram_add(&bench->latency, now - client->sent_ns[id[1]]);
    client->serials[id[1]] = 0;
    client->answered++;
    bench->answered++;
}

static void scan(struct bench *bench, struct client *client)
{
    uint64_t now = bench_now_ns();
    char *at = client->input, *end = client->input + client->input_length, *blank;
    while ((blank = memmem(at, (size_t)(end - at), "\r\n\r\n", 4)) != NULL) {
        if (blank - at >= 20)
            check_answer(bench, client, at, blank + 4, now);
        at = blank + 4;
    }
    client->input_length = (size_t)(end - at);
    memmove(client->input, at, client->input_length);
}

static void read_client(struct bench *bench, struct client *client)
{
    if (client->input_length == client->input_capacity) {
        client->input_capacity *= 2;
        client->input = realloc(client->input, client->input_capacity);
        if (client->input == NULL)
            bench_fail("out of memory");
    }
    ssize_t got =
        recv(client->fd, client->input + client->input_length, client->input_capacity - client->input_length, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        close_client(bench, client);
        return;
    }
    client->input_length += (size_t)got;
    scan(bench, client);
    ask(bench, client);
}

static void on_event(struct bench *bench, const struct epoll_event *event)
{
    struct client *client = &bench->clients[event->data.u32];
    if (client->fd >= 0 && (event->events & EPOLLOUT) != 0)
        flush_client(bench, client);
    if (client->fd >= 0 && (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
        read_client(bench, client);
}

/** Until all is answered or all is silent. @return seconds from the first action to the last answer */
static double serve(struct bench *bench)
{
    uint64_t start = bench_now_ns(), last = start, wanted = bench->per_client * bench->client_count;
    struct epoll_event events[256];
    for (uint32_t i = 0; i < bench->client_count; i++)
        ask(bench, &bench->clients[i]);
    for (;;) {
        int count = epoll_wait(bench->epoll, events, 256, bench->answered < wanted ? STALL_MS : LINGER_MS);
        if (count < 0 && errno != EINTR)
            bench_fail("epoll_wait: %s", strerror(errno));
        if (count == 0)
            return (double)(last - start) / 1e9;
        uint64_t before = bench->answered;
        for (int i = 0; i < count; i++)
            on_event(bench, &events[i]);
        if (bench->answered > before)
            last = bench_now_ns();
    }
}

static void open_client(struct bench *bench, uint32_t index, unsigned port, const char *user, const char *secret,
                        const char *events)
{
    struct client *client = &bench->clients[index];
    client->index = index;
    client->serials = bench_allocate(bench->depth, sizeof *client->serials);
    client->sent_ns = bench_allocate(bench->depth, sizeof *client->sent_ns);
    client->input_capacity = 4096;
    client->input = bench_allocate(client->input_capacity, 1);
    client->output_capacity = bench->depth * (strlen(bench->action) + 80);
    client->output = bench_allocate(client->output_capacity, 1);
    client->fd = bench_connect(port);
    bench_login(client->fd, user, secret, events);
    fcntl(client->fd, F_SETFL, fcntl(client->fd, F_GETFL) | O_NONBLOCK);
    watch(bench, client, EPOLL_CTL_ADD, false);
}

static void free_clients(struct bench *bench)
{
    for (uint32_t i = 0; i < bench->client_count; i++) {
        free(bench->clients[i].serials);
        free(bench->clients[i].sent_ns);
        free(bench->clients[i].input);
        free(bench->clients[i].output);
    }
    free(bench->clients);
}

/** "Action: A|Name: V" → "Action: A\r\nName: V\r\n" */
static char *action_text(const char *argument)
{
    char *text = bench_allocate(strlen(argument) * 2 + 3, 1), *to = text;
    for (; *argument != '\0'; argument++) {
        if (*argument == '|')
            to = stpcpy(to, "\r\n");
        else
            *to++ = *argument;
    }
    stpcpy(to, "\r\n");
    return text;
}

static bool report(const struct bench *bench, double seconds)
{
    uint64_t wanted = bench->per_client * bench->client_count, missing = wanted - bench->answered;
    bool wrong = missing + bench->failures + bench->misrouted + bench->repeated + bench->closed > 0;
    printf("{\"ok\": %s, \"answers\": %llu, \"missing\": %llu, \"misrouted\": %llu, \"repeated\": %llu, "
           "\"failures\": %llu, \"closed\": %llu, \"seconds\": %.6f, \"per_second\": %.0f, \"p50_us\": %.1f, "
           "\"p99_us\": %.1f, \"max_us\": %.1f}\n",
           wrong ? "false" : "true", (unsigned long long)bench->answered, (unsigned long long)missing,
           (unsigned long long)bench->misrouted, (unsigned long long)bench->repeated,
           (unsigned long long)bench->failures, (unsigned long long)bench->closed, seconds,
           seconds > 0 ? (double)bench->answered / seconds : 0.0, histogram_us(&bench->latency, 0.5),
           histogram_us(&bench->latency, 0.99), (double)bench->latency.maximum / 1000.0);
    return !wrong;
}

int main(int count, char **arguments)
{
    if (count != 9) {
        fprintf(stderr,
                "usage: %s PORT CLIENTS IN_FLIGHT ANSWERS_PER_CLIENT USER SECRET 'Action: A|Name: value' EVENTS\n",
                arguments[0]);
        return EXIT_BROKEN;
    }
    static struct bench bench;
    char *action = action_text(arguments[7]);
    bench.action = action;
    bench.client_count = (uint32_t)strtoul(arguments[2], NULL, 10);
    bench.depth = (uint32_t)strtoul(arguments[3], NULL, 10);
    bench.per_client = strtoull(arguments[4], NULL, 10);
    bench.serial_base = bench_now_ns() % 1000000000 * 1000000; // a late answer to an earlier run is told from ours
    bench.clients = bench_allocate(bench.client_count + 1, sizeof *bench.clients);
    bench.epoll = epoll_create1(EPOLL_CLOEXEC);
    for (uint32_t i = 0; i < bench.client_count; i++)
        open_client(&bench, i, (unsigned)strtoul(arguments[1], NULL, 10), arguments[5], arguments[6], arguments[8]);
    bool right = report(&bench, serve(&bench));
    free_clients(&bench);
    free(action);
    return right ? 0 : EXIT_WRONG;
}
