// tests/unit/worker/test_letters.c: a letter that is dropped releases all that it holds.
#include "worker/inside.h"

#include "auth/verifier.h"
#include "base/memory.h"
#include "unit/session/fake_session.h"

#include <fcntl.h>
#include <unistd.h>

static unsigned references(const struct message *message)
{
    return atomic_load(&message->references);
}

static void test_a_batch_is_dropped_with_its_messages(void **state)
{
    struct message *event = parse_one("Event: Hangup\r\nChannel: x\r\n\r\n");
    struct batch *batch = batch_create();

    (void)state;
    batch->letter.kind = WORKER_BATCH;
    batch_add(batch, &(struct entry){.part = {.message = message_ref(event)}});
    worker_drop_letter(&batch->letter);
    assert_int_equal(references(event), 1);
    message_unref(event);
}

static void test_a_connection_is_closed(void **state)
{
    struct accepted *accepted = memory_zero(1, sizeof *accepted);
    int ends[2];
    char byte;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    accepted->letter.kind = WORKER_ACCEPTED;
    accepted->fd = ends[1];
    worker_drop_letter(&accepted->letter);
    assert_int_equal(read(ends[0], &byte, 1), 0); // its other end sees the end
    close(ends[0]);
}

static void test_a_command_gives_its_arguments_back(void **state)
{
    struct message *arguments = parse_one("ProxyAction: AddServer\r\nServer: x\r\n\r\n");
    struct command *command = memory_zero(1, sizeof *command);

    (void)state;
    command->letter.kind = WORKER_DONE;
    command->arguments = message_ref(arguments);
    command->notes = memory_text("a note\n");
    worker_drop_letter(&command->letter);
    assert_int_equal(references(arguments), 1);
    message_unref(arguments);
}

static void test_a_configuration_is_given_back(void **state)
{
    struct config *config = memory_zero(1, sizeof *config);
    struct reconfiguration *request = memory_zero(1, sizeof *request);

    (void)state;
    atomic_init(&config->references, 2);
    request->letter.kind = WORKER_RECONFIGURE;
    request->config = config;
    worker_drop_letter(&request->letter);
    assert_int_equal(atomic_load(&config->references), 1);
    free(config);
}

static void test_what_is_on_its_own_is_freed(void **state)
{
    static const int kinds[] = {WORKER_CLOSE_SESSION, WORKER_DRAIN, WORKER_LEAVE};
    struct failures_key key = {0};

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct letter *letter = memory_zero(1, 64);
        letter->kind = (unsigned)kinds[i];
        worker_drop_letter(letter); // a leak would end this test
    }
    struct check *check = check_create((struct handle){0}, span_of("s"), "$1$x$y", true, "192.0.2.7:1", &key);
    check->letter.kind = WORKER_CHECKED;
    worker_drop_letter(&check->letter);
    struct servers_state *servers = memory_zero(1, sizeof *servers);
    struct servers_state *copy = servers_state_copy(servers);
    copy->letter.kind = WORKER_SERVERS;
    worker_drop_letter(&copy->letter);
    free(servers);
}

static void test_a_probe_and_the_order_to_leave(void **state)
{
    struct worker worker = {.index = 0};
    struct letter *leave = memory_zero(1, sizeof *leave);

    (void)state;
    worker.probe.kind = WORKER_PROBE;
    atomic_init(&worker.probe_is_out, true);
    worker_drop_letter(&worker.probe); // a part of the worker: stays
    assert_true(atomic_load(&worker.probe_is_out));
    worker_take_letter(&worker, &worker.probe);
    assert_false(atomic_load(&worker.probe_is_out));
    leave->kind = WORKER_LEAVE;
    assert_false(worker.leave);
    worker_take_letter(&worker, leave);
    assert_true(worker.leave);
}

/** Sends a batch of events, each with a number of its own. */
static void send_events(struct worker *worker, unsigned from, unsigned count)
{
    struct batch *batch = batch_create();
    char text[80];

    batch->letter.kind = WORKER_BATCH;
    for (unsigned i = from; i < from + count; i++) {
        snprintf(text, sizeof text, "Event: A\r\nPrivilege: call\r\nN: %u\r\n\r\n", i);
        batch_add(batch, &(struct entry){.part = {.message = parse_one(text)}, .serial = i, .kind = ENTRY_EVENT});
    }
    mailbox_push(&worker->inbox, &batch->letter);
}

/** Handles letters in one turn, and checks that the client receives the events of these numbers. */
static void check_turn(struct fake *fake, struct worker *worker, size_t client, unsigned from, unsigned behind,
                       bool more)
{
    const char *seen;
    char text[80];

    assert_int_equal(worker_take_letters(worker), more);
    fake_turn(fake);
    seen = fake_read(fake, client);
    for (unsigned i = from; i < behind; i++) {
        snprintf(text, sizeof text, "N: %u\r\n", i);
        seen = strstr(seen, text);
        assert_non_null(seen);
    }
    snprintf(text, sizeof text, "N: %u\r\n", behind);
    assert_null(strstr(seen, text));
}

static void test_i15_clients_are_served_between_batches_that_have_piled_up(void **state)
{
    struct fake *fake = *state;
    struct worker worker = {.at_hub = true, .sessions = fake->sessions};
    size_t client = fake_login(fake, "anna", "on");

    assert_true(mailbox_init(&worker.inbox));
    for (unsigned i = 0; i < 6; i++)
        send_events(&worker, 100 * i, 100);
    check_turn(fake, &worker, client, 0, 300, true); // as many batches as make 256 messages
    send_events(&worker, 600, 1);                    // comes last
    check_turn(fake, &worker, client, 300, 600, true);
    check_turn(fake, &worker, client, 600, 601, false);
    mailbox_fini(&worker.inbox);
}

static void test_i15_batches_before_another_letter_are_delivered_at_once(void **state)
{
    struct fake *fake = *state;
    struct worker worker = {.at_hub = true, .sessions = fake->sessions};
    struct close_request *other = memory_zero(1, sizeof *other);
    size_t client = fake_login(fake, "anna", "on");

    other->letter.kind = WORKER_CLOSE_SESSION;
    assert_true(mailbox_init(&worker.inbox));
    send_events(&worker, 0, 40);
    send_events(&worker, 40, 40);
    mailbox_push(&worker.inbox, &other->letter);
    send_events(&worker, 80, 20);
    worker_take_batches(&worker);
    assert_ptr_equal(worker.letters.first, &other->letter); // has its place in the worker's turn
    check_turn(fake, &worker, client, 0, 100, false);       // in which all is written, once and in order
    mailbox_fini(&worker.inbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_batch_is_dropped_with_its_messages),
        cmocka_unit_test(test_a_connection_is_closed),
        cmocka_unit_test(test_a_command_gives_its_arguments_back),
        cmocka_unit_test(test_a_configuration_is_given_back),
        cmocka_unit_test(test_what_is_on_its_own_is_freed),
        cmocka_unit_test(test_a_probe_and_the_order_to_leave),
        FAKE_TEST(test_i15_clients_are_served_between_batches_that_have_piled_up),
        FAKE_TEST(test_i15_batches_before_another_letter_are_delivered_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
