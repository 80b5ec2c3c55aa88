// tests/unit/session/fake_session.h: a worker's sessions without a hub: clients at the other ends of socket pairs, and
// what goes to the hub is kept. For one test at a time.
#ifndef UNIT_SESSION_FAKE_SESSION_H
#define UNIT_SESSION_FAKE_SESSION_H

#include "ami/event_class.h"
#include "auth/verifier.h"
#include "base/clock.h"
#include "base/memory.h"
#include "script/shared.h"
#include "session/access/limits.h"
#include "session/client/set.h"
#include "session/connection/sessions.h"
#include "session/delivery/deliver.h"
#include "session/delivery/kept.h"
#include "unit/ami/parse.h"
#include "unit/config/parse.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FAKE_ASKS 64
#define FAKE_CLIENTS 8

#define FAKE_CONFIG                                                                                             \
    "listen: [{port: 0, input: standard, tls: off}]\n"                                                          \
    "servers: [{name: pbx1, host: h, username: u, secret: s}, {name: pbx2, host: h, username: u, secret: s}]\n" \
    "plugins: {load: [standard]}\n"                                                                             \
    "scripts: {path: " AMP_SOURCE "/lua}\n"                                                                     \
    "users:\n"                                                                                                  \
    "  - {name: anna, secret: anna-secret}\n"                                                                   \
    "  - {name: bert, secret: bert-secret, read: [call], write: [call]}\n"

struct fake {
    struct event_base *base;
    struct registry *registry;
    struct sessions *sessions;
    struct sessions_link link;
    struct config *config;
    struct ask *asks[FAKE_ASKS];
    size_t ask_count;
    struct check *check; // that was sent last
    size_t session_count;
    bool audience; // what the hub was told last
    bool drained;
    int clients[FAKE_CLIENTS];
    size_t client_count;
    uint64_t serial;
    char text[16384]; // what fake_read() returned last
};

static inline void fake_on_ask(void *context, struct ask *ask)
{
    struct fake *fake = context;

    assert_true(fake->ask_count < FAKE_ASKS);
    fake->asks[fake->ask_count++] = ask;
}

static inline void fake_on_changed(void *context, size_t sessions, size_t promiscuous)
{
    struct fake *fake = context;

    (void)promiscuous;
    fake->session_count = sessions;
}

static inline void fake_on_audience(void *context, bool present)
{
    struct fake *fake = context;

    assert_true(fake->audience != present); // only changes are told
    fake->audience = present;
}

static inline void fake_on_drained(void *context)
{
    ((struct fake *)context)->drained = true;
}

static inline void fake_on_command(void *context, struct command *command)
{
    (void)context;
    command_destroy(command);
}

static inline void fake_on_verify(void *context, struct check *check)
{
    struct fake *fake = context;

    assert_null(fake->check);
    fake->check = check;
}

/** Makes the state of the servers pbx1 and pbx2. @param up  of both @return the caller's */
static inline struct servers_state *fake_state(bool up)
{
    struct servers_state *lent = memory_zero(1, sizeof *lent + 2 * sizeof lent->servers[0]);
    static const char *const names[] = {"pbx1", "pbx2"};

    lent->count = 2;
    lent->any_up = up;
    strcpy(lent->banner, "Asterisk Call Manager/5.0.2");
    for (int i = 0; i < 2; i++)
        lent->servers[i] = (struct server_summary){
            .name = names[i], .host = "h", .address = "192.0.2.1", .user = "u", .events = "on", .port = 1, .up = up};
    struct servers_state *state = servers_state_copy(lent);
    free(lent);
    return state;
}

/** Changes over to the configuration of that text. */
static inline void fake_configure(struct fake *fake, const char *yaml)
{
    struct config *config = expect_good(yaml);
    struct error err = {""};
    struct scripts *scripts = sessions_prepare(fake->sessions, config, &err);

    if (scripts == NULL)
        fail_msg("%s", err.text);
    sessions_reconfigure(fake->sessions, config, scripts);
    config_unref(fake->config);
    fake->config = config;
}

/** Makes a worker's sessions with FAKE_CONFIG and two servers that are up (setup function of cmocka). */
static inline int fake_set_up(void **state)
{
    struct fake *fake = memory_zero(1, sizeof *fake);
    struct error err = {""};

    fake->base = event_base_new();
    fake->registry = registry_create();
    if (!registry_load(fake->registry, AMP_BUILD "/plugins/standard.so", &err))
        fail_msg("%s", err.text);
    fake->link = (struct sessions_link){.ask = fake_on_ask,
                                        .changed = fake_on_changed,
                                        .audience = fake_on_audience,
                                        .drained = fake_on_drained,
                                        .command = fake_on_command,
                                        .verify = fake_on_verify,
                                        .context = fake,
                                        .failures = failures_create(1000),
                                        .directory = directory_create(),
                                        .limits = session_limits_create(),
                                        .watchdog = NULL,
                                        .shared = script_shared_create(1 << 20),
                                        .kept = kept_shared_create(1),
                                        .metrics = metrics_create(1)};
    fake->config = expect_good(FAKE_CONFIG);
    fake->sessions = sessions_create(fake->base, 0, fake->config, fake->registry, &fake->link);
    fake_configure(fake, FAKE_CONFIG);
    sessions_set_state(fake->sessions, fake_state(true));
    *state = fake;
    return 0;
}

/** Frees what fake_set_up() has made, with what was kept for the hub (teardown function of cmocka). */
static inline int fake_tear_down(void **state)
{
    struct fake *fake = *state;

    sessions_destroy(fake->sessions);
    for (size_t i = 0; i < fake->client_count; i++)
        close(fake->clients[i]);
    while (fake->ask_count > 0)
        ask_unref(fake->asks[--fake->ask_count]);
    if (fake->check != NULL)
        check_destroy(fake->check);
    failures_destroy(fake->link.failures);
    directory_destroy(fake->link.directory);
    session_limits_destroy(fake->link.limits);
    script_shared_destroy(fake->link.shared);
    kept_shared_destroy(fake->link.kept);
    metrics_destroy(fake->link.metrics);
    registry_destroy(fake->registry);
    config_unref(fake->config);
    event_base_free(fake->base);
    free(fake);
    return 0;
}

/** Runs some turns of the loop, as a worker does. */
static inline void fake_turn(struct fake *fake)
{
    for (int i = 0; i < 4; i++) {
        event_base_loop(fake->base, EVLOOP_NONBLOCK);
        sessions_flush(fake->sessions);
        sessions_rest(fake->sessions);
    }
}

/** Connects a new client. @return its number; the number of its session is one more */
static inline size_t fake_connect(struct fake *fake)
{
    struct accepted accepted = {.listener = 0, .session_id = fake->client_count + 1};
    int ends[2];

    assert_true(fake->client_count < FAKE_CLIENTS);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    accepted.fd = ends[0];
    snprintf(accepted.address, sizeof accepted.address, "192.0.2.7:%zu", 1000 + fake->client_count);
    fake->clients[fake->client_count] = ends[1];
    sessions_accept(fake->sessions, &accepted);
    fake_turn(fake);
    return fake->client_count++;
}

/** Returns what the client has received since the last call, NUL-terminated, with "(end)" if its connection has ended.
 *  Valid until the next call. */
static inline const char *fake_read(struct fake *fake, size_t client)
{
    size_t used = 0;
    ssize_t count;

    fake_turn(fake);
    while ((count = read(fake->clients[client], fake->text + used, sizeof fake->text - used - 8)) > 0)
        used += (size_t)count;
    fake->text[used] = '\0';
    if (count == 0)
        strcpy(fake->text + used, "(end)");
    return fake->text;
}

/** Sends `text` from the client. @return fake_read() after that */
static inline const char *fake_say(struct fake *fake, size_t client, const char *text)
{
    assert_int_equal(write(fake->clients[client], text, strlen(text)), strlen(text));
    return fake_read(fake, client);
}

/** Shuts the client's sending side. */
static inline void fake_hang_up(struct fake *fake, size_t client)
{
    shutdown(fake->clients[client], SHUT_WR);
    fake_turn(fake);
}

/** Connects a client, logs it in and reads the answer. @return its number */
static inline size_t fake_login(struct fake *fake, const char *user, const char *events)
{
    size_t client = fake_connect(fake);
    char text[256];

    fake_read(fake, client);
    snprintf(text, sizeof text, "Action: Login\r\nUsername: %s\r\nSecret: %s-secret\r\nEvents: %s\r\n\r\n", user, user,
             events);
    assert_non_null(strstr(fake_say(fake, client, text), "Response: Success"));
    fake_read(fake, client);
    return client;
}

/** Delivers one entry, as if from the hub: an event, or a part of the answer to `ask`.
 *  @param ask  borrowed; of an event the ask that raised it, NULL: none */
static inline void fake_deliver(struct fake *fake, const char *text, struct ask *ask, enum entry_kind kind, bool final)
{
    struct batch *batch = batch_create();

    batch_add(batch, &(struct entry){.part = {.message = parse_one(text), .final = final},
                                     .ask = ask == NULL ? NULL : ask_ref(ask),
                                     .serial = ++fake->serial,
                                     .kind = (uint8_t)kind});
    deliver_batch(fake->sessions, batch);
    fake_turn(fake);
}

/** Finds the session of that client. @return lent; NULL: it has ended */
static inline struct session *fake_session(struct fake *fake, size_t client)
{
    for (struct list_node *node = fake->sessions->all.first; node != NULL; node = node->next)
        if (SESSION_AT(node, all)->id == client + 1 && !session_is_dead(SESSION_AT(node, all)))
            return SESSION_AT(node, all);
    return NULL;
}

#define FAKE_TEST(name) cmocka_unit_test_setup_teardown(name, fake_set_up, fake_tear_down)

#endif
