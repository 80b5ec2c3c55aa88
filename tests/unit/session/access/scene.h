// tests/unit/session/access/scene.h: a tied user, two servers, their own channel and another's.
#ifndef UNIT_SCENE_H
#define UNIT_SCENE_H

#include "ami/catalogue.h"
#include "ami/event_class.h"
#include "ami/scope.h"
#include "session/access/policy.h"
#include "session/client/set.h"

#include <stdlib.h>

#include "unit/ami/parse.h"
#include "unit/test.h"

#define OWN "SIP/1-00000001"
#define OTHER "SIP/2-00000002"

struct scene {
    struct calls *calls;
    struct sessions sessions;
    struct servers_state *state;
    struct view view;
    struct user_config user;
    struct session session;
};

static inline void learn(struct scene *scene, const char *server, const char *name, const char *id)
{
    char text[256];
    struct list list = {0};
    struct parser *parser = parser_create(server);

    snprintf(text, sizeof text,
             "Event: Newchannel\r\nPrivilege: call,all\r\nChannel: %s\r\nUniqueid: %s\r\nLinkedid: %s\r\n\r\n", name,
             id, id);
    parse_feed(parser, span_of(text));
    parse_take(parser, &list);
    parser_destroy(parser);
    assert_int_equal(list.count, 1);
    calls_observe(scene->calls, list.messages[0], 1);
    list_fini(&list);
}

/** Says which of the two servers are up. */
static inline void serve(struct scene *scene, bool first, bool second)
{
    struct servers_state *state = scene->state;

    state->servers[0].up = first;
    state->servers[1].up = second;
    state->first = first ? span_of("pbx1") : second ? span_of("pbx2") : (struct span){0};
}

static inline int open_scene(void **state)
{
    static const struct call_rule rules[] = {{"a", "SIP/1", NULL, false, NULL}, {"b", "SIP/2", NULL, false, NULL}};
    static char channel[] = "SIP/1", context[] = "mine";
    struct scene *scene = memory_zero(1, sizeof *scene);

    scene->calls = calls_create(NULL, 0);
    calls_set_rules(scene->calls, rules, 2);
    scene->state = memory_zero(1, sizeof *scene->state + 2 * sizeof scene->state->servers[0]);
    scene->state->count = 2;
    scene->state->servers[0].name = "pbx1";
    scene->state->servers[1].name = "pbx2";
    serve(scene, true, true);
    scene->sessions.verdicts.calls = scene->calls;
    scene->sessions.state = scene->state;
    scene->view.rule = 0;
    scene->user = (struct user_config){.channel = channel, .out_context = context, .write = CLASS_ALL};
    scene->session = (struct session){.sessions = &scene->sessions,
                                      .user = &scene->user,
                                      .view = &scene->view,
                                      .write = CLASS_ALL,
                                      .authenticated = true};
    learn(scene, "pbx1", OWN, "1.1");
    learn(scene, "pbx1", OTHER, "2.2");
    learn(scene, "pbx2", OTHER, "3.3");
    *state = scene;
    return 0;
}

static inline int close_scene(void **state)
{
    struct scene *scene = *state;

    calls_destroy(scene->calls);
    free(scene->state);
    free(scene);
    return 0;
}

/** Pairs of names and values, up to a NULL. A name in small letters now and then: they have no case. */
static inline bool may(const struct scene *scene, const char *const *pairs)
{
    struct message_builder builder;
    struct message *action, *changed = NULL;
    const char *fault;

    message_builder_init(&builder);
    for (; pairs[0] != NULL; pairs += 2)
        message_addf(&builder, pairs[0], "%s", pairs[1]);
    action = message_build(&builder);
    fault = policy_refuse(&scene->session, action, &changed);
    message_unref(changed);
    message_unref(action);
    return fault == NULL;
}

#define MAY(scene, ...) may(scene, (const char *const[]){__VA_ARGS__, NULL})

/** Returns a value of the user's own for what a header names; NULL: there is none. */
static inline const char *own_of(enum naming naming)
{
    switch (naming) {
    case NAMING_CHANNEL:
    case NAMING_BEGINNING:
    case NAMING_EITHER:
        return OWN;
    case NAMING_DIAL:
    case NAMING_DEVICE:
        return "SIP/1";
    case NAMING_PEER:
        return "SIP/1"; // `1` of PJSIP is another
    case NAMING_CONTEXT:
    case NAMING_TARGET:
        return "mine";
    case NAMING_EXTENSION:
        return "5";
    case NAMING_ASSIGNMENTS:
        return "A=1";
    case NAMING_SET:
        return "A";
    case NAMING_GET:
    case NAMING_GETS:
        return "EXTEN";
    case NAMING_COMMAND:
        return "core show channel " OWN;
    case NAMING_EVENT:
        return "Hello";
    case NAMING_ANYONE:
    case NAMING_GRANTED:
    case NAMING_REFUSED:
        break;
    }
    return NULL;
}

/** Makes the action with all required headers naming the user's own, except header `but`. With room for
 *  2 more pairs. */
static inline size_t complete(const struct action_scope *scope, const struct named_header *but, const char **pairs)
{
    size_t count = 0;

    pairs[count++] = "Action";
    pairs[count++] = scope->action;
    for (const struct named_header *header = scope->headers; header->name != NULL; header++) {
        if (header == but || own_of(header->naming) == NULL)
            continue;
        pairs[count++] = header->name;
        pairs[count++] = own_of(header->naming);
    }
    pairs[count] = NULL;
    return count;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)

#endif
