// tests/unit/net/test_resolver.c: lookups delay neither each other, nor the loop, nor the end. The lookup function is
// the test's: names that begin with "dead" wait until the test releases them.
#include "net/resolver.h"

#include "unit/test.h"

#include <event2/event.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_S 30 // at most, for anything

static sem_t entered, let_go, left; // by lookups of dead names
static atomic_int lookups;          // of all names

static int look_up(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    struct addrinfo numeric = *hints;
    bool is_dead = strncmp(host, "dead", 4) == 0;
    int number = atomic_fetch_add(&lookups, 1), failure = EAI_NONAME;
    char address[32];

    if (is_dead) {
        sem_post(&entered);
        sem_wait(&let_go);
    }
    numeric.ai_flags = AI_NUMERICHOST;
    (void)snprintf(address, sizeof address, "127.0.0.%d", 1 + number % 200);
    if (strcmp(host, "unknown") != 0)
        failure = getaddrinfo(address, service, &numeric, found);
    if (is_dead)
        sem_post(&left);
    return failure;
}

struct found {
    struct event_base *base;
    int count, failed;
    char last[64], reason[128];
};

static void on_found(struct addrinfo *addresses, const char *reason, void *context)
{
    struct found *found = context;

    found->count++;
    if (addresses != NULL) {
        assert_null(reason);
        assert_int_equal(getnameinfo(addresses->ai_addr, addresses->ai_addrlen, found->last, sizeof found->last, NULL,
                                     0, NI_NUMERICHOST),
                         0);
        freeaddrinfo(addresses);
    } else {
        found->failed++;
        (void)snprintf(found->reason, sizeof found->reason, "%s", reason);
    }
    event_base_loopbreak(found->base);
}

static void on_late(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)context;
    fail_msg("nothing was found in time");
}

/** Turns the loop until `count` lookups came back. */
static void wait_for(struct found *found, int count)
{
    struct timeval limit = {WAIT_S, 0};
    struct event *late = event_new(found->base, -1, 0, on_late, NULL);

    event_add(late, &limit);
    while (found->count < count)
        event_base_dispatch(found->base);
    event_free(late);
}

static void wait_for_semaphore(sem_t *semaphore)
{
    struct timespec limit;

    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += WAIT_S;
    assert_int_equal(sem_timedwait(semaphore, &limit), 0);
}

struct fixture {
    struct event_base *base;
    struct resolver *resolver;
    struct found dead, alive;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);

    sem_init(&entered, 0, 0);
    sem_init(&let_go, 0, 0);
    sem_init(&left, 0, 0);
    atomic_store(&lookups, 0);
    fixture->base = event_base_new();
    fixture->resolver = resolver_create(fixture->base, look_up);
    fixture->dead.base = fixture->alive.base = fixture->base;
    *state = fixture;
    return fixture->resolver == NULL;
}

/** Releases `threads` lookups of dead names, and waits until they have ended. */
static void release(int threads)
{
    for (int i = 0; i < threads; i++)
        sem_post(&let_go);
    for (int i = 0; i < threads; i++)
        wait_for_semaphore(&left);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    resolver_destroy(fixture->resolver);
    event_base_free(fixture->base);
    free(fixture);
    return 0;
}

static void test_f31_a_dead_name_delays_no_other(void **state)
{
    struct fixture *fixture = *state;

    for (int i = 0; i < 5; i++) // asked again and again: it may not use up the threads
        resolver_ask(fixture->resolver, "dead", 5038, on_found, &fixture->dead);
    for (int i = 0; i < RESOLVER_THREADS_OF_A_NAME; i++)
        wait_for_semaphore(&entered);
    for (int i = 0; i < 40; i++)
        resolver_ask(fixture->resolver, "alive", 5038, on_found, &fixture->alive);
    wait_for(&fixture->alive, 40);
    assert_int_equal(fixture->alive.failed, 0);
    assert_int_equal(fixture->dead.count, 0);
    for (int i = 0; i < 5; i++)
        sem_post(&let_go);
    wait_for(&fixture->dead, 5);
    assert_int_equal(fixture->dead.failed, 0);
}

static void test_f31_more_dead_names_than_most_have(void **state)
{
    struct fixture *fixture = *state;
    char name[16];

    for (int i = 0; i < RESOLVER_THREADS - 1; i++) {
        (void)snprintf(name, sizeof name, "dead%d", i);
        resolver_ask(fixture->resolver, name, 5038, on_found, &fixture->dead);
        wait_for_semaphore(&entered);
    }
    resolver_ask(fixture->resolver, "alive", 5038, on_found, &fixture->alive);
    wait_for(&fixture->alive, 1);
    assert_int_equal(fixture->dead.count, 0);
    release(RESOLVER_THREADS - 1);
    wait_for(&fixture->dead, RESOLVER_THREADS - 1);
}

static void test_f31_each_attempt_looks_up_anew(void **state)
{
    struct fixture *fixture = *state;

    for (int i = 0; i < 5; i++) {
        char expected[64];
        resolver_ask(fixture->resolver, "alive", 5038, on_found, &fixture->alive);
        wait_for(&fixture->alive, i + 1);
        (void)snprintf(expected, sizeof expected, "127.0.0.%d", 1 + i);
        assert_string_equal(fixture->alive.last, expected);
    }
    assert_int_equal(atomic_load(&lookups), 5);
}

static void test_f31_why_it_failed(void **state)
{
    struct fixture *fixture = *state;

    resolver_ask(fixture->resolver, "unknown", 5038, on_found, &fixture->alive);
    assert_int_equal(fixture->alive.count, 0); // never from inside
    wait_for(&fixture->alive, 1);
    assert_int_equal(fixture->alive.failed, 1);
    assert_string_equal(fixture->alive.reason, gai_strerror(EAI_NONAME));
}

static void test_f31_cancelled_ones_do_not_call_back(void **state)
{
    struct fixture *fixture = *state;
    struct resolver_request *requests[4];

    for (int i = 0; i < 4; i++) // two with a thread, two that wait for one
        requests[i] = resolver_ask(fixture->resolver, "dead", 5038, on_found, &fixture->dead);
    for (int i = 0; i < RESOLVER_THREADS_OF_A_NAME; i++)
        wait_for_semaphore(&entered);
    for (int i = 0; i < 4; i++)
        resolver_cancel(fixture->resolver, requests[i]);
    release(RESOLVER_THREADS_OF_A_NAME);
    resolver_ask(fixture->resolver, "alive", 5038, on_found, &fixture->alive);
    wait_for(&fixture->alive, 1);
    assert_int_equal(fixture->dead.count, 0);
    assert_int_equal(atomic_load(&lookups), RESOLVER_THREADS_OF_A_NAME + 1);
}

/** The resolver is destroyed while threads look up and requests wait: the threads end by themselves, later. */
static void test_f31_the_end_waits_for_no_lookup(void **state)
{
    struct fixture *fixture = *state;

    for (int i = 0; i < 4; i++)
        resolver_ask(fixture->resolver, i < 2 ? "dead" : "dead2", 5038, on_found, &fixture->dead);
    for (int i = 0; i < 4; i++)
        wait_for_semaphore(&entered);
    resolver_ask(fixture->resolver, "dead", 5038, on_found, &fixture->dead);
    resolver_destroy(fixture->resolver);
    fixture->resolver = NULL;
    release(4);
    event_base_loop(fixture->base, EVLOOP_NONBLOCK);
    assert_int_equal(fixture->dead.count, 0);
}

static void test_f31_results_that_nobody_fetched_go_with_it(void **state)
{
    struct fixture *fixture = *state;

    for (int i = 0; i < 2; i++)
        resolver_ask(fixture->resolver, "dead", 5038, on_found, &fixture->dead);
    release(2);
    resolver_destroy(fixture->resolver);
    fixture->resolver = NULL;
    assert_int_equal(fixture->dead.count, 0);
}

static void test_f31_digits_need_no_lookup(void **state)
{
    static const char *const literals[] = {"127.0.0.1", "::1", "2001:db8::7", "192.0.2.1"};
    static const char *const names[] = {"localhost", "example.invalid", "127.0.0.1.example", "", "::g"};
    (void)state;

    for (size_t i = 0; i < sizeof literals / sizeof literals[0]; i++) {
        struct addrinfo *found = resolver_literal(literals[i], 5038);
        char address[64], port[8];
        assert_non_null(found);
        assert_int_equal(getnameinfo(found->ai_addr, found->ai_addrlen, address, sizeof address, port, sizeof port,
                                     NI_NUMERICHOST | NI_NUMERICSERV),
                         0);
        assert_string_equal(address, literals[i]);
        assert_string_equal(port, "5038");
        freeaddrinfo(found);
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_null(resolver_literal(names[i], 5038));
    assert_int_equal(atomic_load(&lookups), 0);
}

static void test_f31_the_system_knows_this_machine(void **state)
{
    struct fixture *fixture = *state;
    struct resolver *resolver = resolver_create(fixture->base, NULL);

    resolver_ask(resolver, "localhost", 5038, on_found, &fixture->alive);
    wait_for(&fixture->alive, 1);
    assert_int_equal(fixture->alive.failed, 0);
    assert_true(strcmp(fixture->alive.last, "127.0.0.1") == 0 || strcmp(fixture->alive.last, "::1") == 0);
    resolver_destroy(resolver);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_f31_a_dead_name_delays_no_other),
        TEST(test_f31_more_dead_names_than_most_have),
        TEST(test_f31_each_attempt_looks_up_anew),
        TEST(test_f31_why_it_failed),
        TEST(test_f31_cancelled_ones_do_not_call_back),
        TEST(test_f31_the_end_waits_for_no_lookup),
        TEST(test_f31_results_that_nobody_fetched_go_with_it),
        TEST(test_f31_digits_need_no_lookup),
        TEST(test_f31_the_system_knows_this_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL); // pthread_create is the resolver's: a test of threads
}
