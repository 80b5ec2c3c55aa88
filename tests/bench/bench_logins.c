// tests/bench/bench_logins.c: one client after the other connects, waits for the banner, logs in and off. COUNT times.
// Anything but a success ends the program with exit code 2. Prints one line of JSON.
#include "bench.h"

int main(int count, char **arguments)
{
    static struct histogram latency;
    uint64_t start, logins;

    if (count != 5) {
        fprintf(stderr, "usage: %s PORT COUNT USER SECRET\n", arguments[0]);
        return EXIT_BROKEN;
    }
    logins = strtoull(arguments[2], NULL, 10);
    start = bench_now_ns();
    for (uint64_t i = 0; i < logins; i++) {
        uint64_t begun = bench_now_ns();
        int fd = bench_connect((unsigned)strtoul(arguments[1], NULL, 10));
        char rest[4096];
        bench_login(fd, arguments[3], arguments[4], "off");
        bench_send(fd, "Action: Logoff\r\n\r\n", 18);
        while (recv(fd, rest, sizeof rest, 0) > 0)
            continue;
        close(fd);
        histogram_add(&latency, bench_now_ns() - begun);
    }
    printf("{\"logins\": %llu, \"per_second\": %.0f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"max_us\": %.1f}\n",
           (unsigned long long)logins, (double)logins * 1e9 / (double)(bench_now_ns() - start + 1),
           histogram_us(&latency, 0.5), histogram_us(&latency, 0.99), (double)latency.maximum / 1000.0);
    return 0;
}
