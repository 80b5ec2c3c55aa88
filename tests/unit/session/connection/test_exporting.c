// tests/unit/session/connection/test_exporting.c: what becomes of an export's messages on the bus is told to that
// export. Exports as a whole are tested with receivers (tests/system/test_i17_exports*.py).
#include "letters/letters.h"
#include "session/keys.h"
#include "unit/session/fake_session.h"

#define CONFIG                                                                                     \
    "listen: [{port: 0, input: standard, tls: off}]\n"                                             \
    "servers: [{name: pbx1, host: h, username: u, secret: s}]\n"                                   \
    "plugins: {load: [standard]}\nscripts: {path: " AMP_SOURCE "/lua}\n"                           \
    "users: [{name: anna, secret: anna-secret}]\ncluster: {name: c1, node: n1, bus: [nats://a]}\n" \
    "exports:\n"                                                                                   \
    "- {user: anna, name: calls, to: 'nats:x.calls', format: standard, events: [call]}\n"          \
    "- {user: anna, name: system, to: 'nats:x.system', format: standard, events: [system]}\n"

/** The shipments of each export that wait for their fate. */
static struct shipment *calls, *others;

static void on_shipment(void *context, struct shipment *shipment)
{
    struct shipment **place = strcmp(shipment->name, "calls") == 0 ? &calls : &others;
    (void)context;

    assert_null(*place);
    *place = shipment;
}

static void deliver(struct fake *fake, const char *class)
{
    char text[100];

    snprintf(text, sizeof text, "Event: Any\r\nPrivilege: %s,all\r\n\r\n", class);
    fake_deliver(fake, text, NULL, ENTRY_EVENT, false);
    fake_turn(fake);
}

static void settle(struct fake *fake, struct shipment **place)
{
    struct shipment *shipment = *place;

    *place = NULL;
    shipment->taken = 1;
    sessions_take_shipment(fake->sessions, shipment);
    shipment_destroy(shipment);
}

/** Serials of different exports may be the same. */
static void test_a_shipment_is_that_of_its_export(void **state)
{
    struct fake *fake = *state;
    struct session_keys *keys = session_keys_create();

    fake->sessions->link.shipment = on_shipment;
    fake->sessions->link.keys = keys;
    fake_configure(fake, CONFIG);
    deliver(fake, "call");
    deliver(fake, "system");
    assert_non_null(calls);
    assert_non_null(others);
    while (calls->serial < others->serial) {
        settle(fake, &calls);
        deliver(fake, "call");
        assert_non_null(calls);
    }
    while (others->serial < calls->serial) {
        settle(fake, &others);
        deliver(fake, "system");
        assert_non_null(others);
    }
    settle(fake, &others);
    deliver(fake, "system");
    assert_non_null(others);
    settle(fake, &others);
    settle(fake, &calls);
    fake_configure(fake, FAKE_CONFIG);
    session_keys_destroy(keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_shipment_is_that_of_its_export, fake_set_up, fake_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
