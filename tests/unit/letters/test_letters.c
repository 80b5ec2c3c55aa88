// tests/unit/letters/test_letters.c: who owns what in the letters between the hub and the workers.
#include "letters/letters.h"

#include "base/memory.h"
#include "unit/ami/parse.h"

static unsigned references(const struct message *message)
{
    return atomic_load(&message->references);
}

static void test_an_ask_has_references_of_its_own(void **state)
{
    struct message *action = parse_one("Action: Ping\r\nActionID: 1\r\n\r\n");
    char server[] = "pbx1";
    struct ask *ask = ask_create(action, server);

    (void)state;
    assert_int_equal(references(action), 2);
    server[0] = 'x';
    assert_string_equal(ask->server, "pbx1");
    assert_ptr_equal(ask_ref(ask), ask);
    ask_unref(ask);
    assert_int_equal(references(action), 2);
    ask_unref(ask);
    assert_int_equal(references(action), 1);
    message_unref(action);
}

static void test_who_has_withdrawn_is_not_denied(void **state)
{
    struct message *action = parse_one("Action: Ping\r\nActionID: 1\r\n\r\n");
    struct ask *ask = ask_create(action, NULL), *other = ask_create(action, NULL);

    (void)state;
    assert_null(ask->server);
    assert_int_equal(ask_withdrawal(ask), ASK_WANTED);
    ask_deny(ask);
    assert_int_equal(ask_withdrawal(ask), ASK_DENIED);
    ask_withdraw(ask);
    assert_int_equal(ask_withdrawal(ask), ASK_UNAWAITED);
    ask_withdraw(other);
    ask_deny(other);
    assert_int_equal(ask_withdrawal(other), ASK_UNAWAITED);
    ask_unref(ask);
    ask_unref(other);
    message_unref(action);
}

static void test_a_batch_keeps_its_entries_in_order_and_drops_them(void **state)
{
    struct message *event = parse_one("Event: Hangup\r\nChannel: x\r\n\r\n");
    struct message *action = parse_one("Action: Ping\r\nActionID: 1\r\n\r\n");
    struct ask *ask = ask_create(action, NULL);
    struct batch *batch = batch_create();

    (void)state;
    for (uint64_t i = 0; i < 1000; i++)
        batch_add(batch, &(struct entry){.part = {.message = message_ref(event)}, .serial = i});
    batch_add(batch, &(struct entry){.part = {.message = message_ref(event)}, .ask = ask_ref(ask), .serial = 1000});
    assert_int_equal(batch->count, 1001);
    for (uint32_t i = 0; i < batch->count; i++)
        assert_int_equal(batch->entries[i].serial, i);
    assert_int_equal(references(event), 1002);
    assert_int_equal(atomic_load(&ask->references), 2);
    batch_destroy(NULL, batch);
    batch_destroy(NULL, NULL);
    assert_int_equal(references(event), 1);
    assert_int_equal(atomic_load(&ask->references), 1);
    ask_unref(ask);
    message_unref(action);
    message_unref(event);
}

static void test_only_answers_in_turn_are_waited_for(void **state)
{
    struct entry answer = {.kind = ENTRY_ANSWER};
    struct entry late = {.kind = ENTRY_ANSWER, .part = {.kind = ANSWER_PART_LATE}};
    struct entry event = {.kind = ENTRY_EVENT};

    (void)state;
    assert_true(entry_is_in_turn(&answer));
    assert_false(entry_is_in_turn(&late));
    assert_false(entry_is_in_turn(&event));
}

static void test_a_copy_of_the_servers_has_texts_of_its_own(void **state)
{
    char name[] = "pbx1", host[] = "pbx1.example";
    struct servers_state *lent = memory_zero(1, sizeof *lent + sizeof lent->servers[0]);

    (void)state;
    lent->count = 1;
    lent->any_up = true;
    strcpy(lent->banner, "Asterisk Call Manager/7.0.3");
    lent->servers[0] = (struct server_summary){
        .name = name, .host = host, .address = "192.0.2.1", .user = "u", .events = "on", .port = 5038, .up = true};
    struct servers_state *copy = servers_state_copy(lent);
    name[0] = host[0] = 'X';
    free(lent);
    assert_int_equal(copy->count, 1);
    assert_true(copy->any_up);
    assert_string_equal(copy->banner, "Asterisk Call Manager/7.0.3");
    assert_string_equal(copy->servers[0].name, "pbx1");
    assert_string_equal(copy->servers[0].host, "pbx1.example");
    assert_string_equal(copy->servers[0].address, "192.0.2.1");
    assert_int_equal(copy->servers[0].port, 5038);
    assert_true(span_is(copy->first, "pbx1"));
    servers_state_destroy(copy);
    servers_state_destroy(NULL);
}

static void test_the_first_server_takes_new_actions(void **state)
{
    struct servers_state *lent = memory_zero(1, sizeof *lent + 4 * sizeof lent->servers[0]);
    static const struct server_summary all = {.host = "", .address = "", .user = "", .events = ""};

    (void)state;
    for (lent->count = 0; lent->count < 4; lent->count++)
        lent->servers[lent->count] = all;
    lent->servers[0].name = "down";
    lent->servers[1].name = "drained";
    lent->servers[1].up = lent->servers[1].drained = true;
    lent->servers[2].name = "first";
    lent->servers[3].name = "second";
    struct servers_state *none = servers_state_copy(lent);
    lent->servers[2].up = lent->servers[3].up = true;
    struct servers_state *some = servers_state_copy(lent);
    assert_int_equal(none->first.length, 0);
    assert_true(span_is(some->first, "first"));
    servers_state_destroy(none);
    servers_state_destroy(some);
    free(lent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_ask_has_references_of_its_own),
        cmocka_unit_test(test_who_has_withdrawn_is_not_denied),
        cmocka_unit_test(test_a_batch_keeps_its_entries_in_order_and_drops_them),
        cmocka_unit_test(test_only_answers_in_turn_are_waited_for),
        cmocka_unit_test(test_a_copy_of_the_servers_has_texts_of_its_own),
        cmocka_unit_test(test_the_first_server_takes_new_actions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
