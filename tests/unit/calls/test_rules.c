// tests/unit/calls/test_rules.c: more rules than a word has bits, in groups by tenant and by context.
#include "calls/calls.h"

#include <stdio.h>

#include "unit/ami/parse.h"
#include "unit/test.h"

#define MANY 200

static const char *const tenants[] = {"acme", "bolt", NULL};
static const char *const contexts[] = {"sales", NULL};

/** Rule i has the tenant i % 3 and the context i % 2 of the lists above. */
static struct calls *many_rules(void)
{
    static char names[MANY][8];
    struct call_rule rules[MANY];

    for (size_t i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], "u%zu", i);
        rules[i] = (struct call_rule){names[i], NULL, contexts[i % 2], false, tenants[i % 3]};
    }
    return calls_create(rules, MANY);
}

static bool is_same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/** Who sees a new channel of that tenant and context, NULL: none? */
static void expect(struct calls *calls, const char *id, const char *tenant, const char *context)
{
    char text[200];
    struct list list = {0};
    struct parser *parser = parser_create("pbx");

    snprintf(text, sizeof text, "Event: Newchannel\r\nChannel: SIP/%s\r\nUniqueid: %s\r\n%s%s%s%s%s%s\r\n", id, id,
             tenant == NULL ? "" : "Tenantid: ", tenant == NULL ? "" : tenant, tenant == NULL ? "" : "\r\n",
             context == NULL ? "" : "Context: ", context == NULL ? "" : context, context == NULL ? "" : "\r\n");
    parse_feed(parser, span_of(text));
    parse_take(parser, &list);
    calls_observe(calls, list.messages[0], 1);
    for (size_t i = 0; i < MANY; i++) {
        const char *own_tenant = tenants[i % 3], *own_context = contexts[i % 2];
        bool wanted = (own_tenant != NULL || own_context != NULL) &&
                      (own_tenant == NULL || is_same(own_tenant, tenant)) &&
                      (own_context == NULL || is_same(own_context, context));
        if (calls_sees(calls, i, false) != wanted)
            fail_msg("rule %zu of %s, %s", i, tenant == NULL ? "-" : tenant, context == NULL ? "-" : context);
    }
    list_fini(&list);
    parser_destroy(parser);
}

static void test_groups_of_many_rules(void **state)
{
    struct calls *calls = many_rules();

    (void)state;
    expect(calls, "1", "acme", NULL);
    expect(calls, "2", "bolt", "sales");
    expect(calls, "3", "acme", "sales");
    expect(calls, "4", "other", "sales");
    expect(calls, "5", NULL, "sales");
    expect(calls, "6", NULL, NULL);
    expect(calls, "7", "bolt", "elsewhere");
    calls_destroy(calls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups_of_many_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
