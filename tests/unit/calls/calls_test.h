// tests/unit/calls/calls_test.h: events of calls, and which users see each of them.
#ifndef UNIT_CALLS_TEST_H
#define UNIT_CALLS_TEST_H

#include "calls/calls.h"

#include <stdio.h>
#include <stdlib.h>

#include "unit/ami/parse.h"
#include "unit/test.h"

#ifndef TEST_RULES // a test may have users of its own
/** Users: a and b have phones, m has more_events, c sees a context, d has both a phone and a context. */
#define TEST_RULES                                                                                          \
    {"a", "SIP/1", NULL, false, NULL}, {"b", "SIP/2", NULL, false, NULL}, {"m", "SIP/9", NULL, true, NULL}, \
        {"c", NULL, "sales", false, NULL}, {"d", "SIP/1", "sales", false, NULL},
#endif
static const struct call_rule rules[] = {TEST_RULES};
#define RULES (sizeof rules / sizeof rules[0])

struct scene {
    struct calls *calls;
    uint64_t now_ms;
};

/** `Dial Channel=SIP/1 …`: words with a sign are headers; `,` stands for a blank in values. */
static inline struct message *event_of(const char *line, size_t length)
{
    char *text = strndup(line, length), *rest = text, *word;
    struct message_builder builder;
    struct message *made, *parsed;
    struct parser *parser;
    const char *server = "pbx";
    struct list list = {0};

    message_builder_init(&builder);
    message_addf(&builder, "Event", "%s", strsep(&rest, " "));
    message_addf(&builder, "Privilege", "call,all");
    while ((word = strsep(&rest, " ")) != NULL) {
        char *sign = strchr(word, '=');
        if (sign == NULL)
            continue;
        *sign = '\0';
        if (strcmp(word, "Server") == 0)
            server = sign + 1;
        else
            message_addf(&builder, word, "%s", sign + 1);
    }
    parser = parser_create(server);
    free(text);
    made = message_build(&builder);
    parse_feed(parser, message_wire(made));
    parse_take(parser, &list); // as a server sends it
    parser_destroy(parser);
    assert_int_equal(list.count, 1);
    parsed = message_ref(list.messages[0]);
    list_fini(&list);
    message_unref(made);
    return parsed;
}

static inline void append_seen(const struct calls *calls, bool own, char *text, size_t size)
{
    for (size_t rule = 0; rule < RULES; rule++) {
        size_t length = strlen(text);
        if (calls_sees(calls, rule, own))
            snprintf(text + length, size - length, "%s", rules[rule].user);
    }
}

static inline void append_reveals(const struct calls *calls, char *text, size_t size)
{
    for (size_t i = 0; i < calls_revealed(calls); i++) {
        for (size_t rule = 0; rule < RULES; rule++) {
            const struct message *message = calls_reveal(calls, i, rule);
            size_t length = strlen(text);
            struct span id;
            if (message == NULL)
                continue;
            if (!message_find(message, "Uniqueid", &id))
                message_find(message, "BridgeUniqueid", &id);
            snprintf(text + length, size - length, "[%s:%.4s %.*s]", rules[rule].user, message_name(message).bytes,
                     (int)id.length, id.bytes);
        }
    }
}

/** Plays the story. A line that begins with `?` is an item of a list that every user has asked for. */
static inline void play(struct scene *scene, const char *story)
{
    while (*story != '\0') {
        size_t length = strcspn(story, "\n");
        const char *bar = memchr(story, '|', length);
        assert_non_null(bar);
        bool is_item = *story == '?';
        struct message *message = event_of(story + is_item, (size_t)(bar - story) - is_item);
        char seen[512] = "", expected[512];
        snprintf(expected, sizeof expected, "%.*s", (int)(length - (size_t)(bar + 1 - story)), bar + 1);
        if (is_item)
            calls_look(scene->calls, message);
        else
            calls_observe(scene->calls, message, scene->now_ms);
        append_seen(scene->calls, is_item, seen, sizeof seen);
        append_reveals(scene->calls, seen, sizeof seen);
        if (strcmp(seen, expected) != 0)
            print_message("in: %.*s\n", (int)length, story);
        assert_string_equal(seen, expected);
        message_unref(message);
        story += length + (story[length] == '\n');
    }
}

static inline void count_each(void *context, struct message *message)
{
    (void)message;
    ++*(size_t *)context;
}

/** How many messages does a snapshot for the rule have? */
static inline size_t snapshot_size(const struct scene *scene, size_t rule)
{
    size_t count = 0;

    calls_snapshot(scene->calls, rule, count_each, &count);
    return count;
}

static inline int open_scene(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);

    scene->calls = calls_create(NULL, 0);
    scene->now_ms = 1000;
    calls_set_rules(scene->calls, rules, RULES);
    *state = scene;
    return 0;
}

static inline int close_scene(void **state)
{
    struct scene *scene = *state;

    calls_destroy(scene->calls);
    free(scene);
    return 0;
}

/** A message of a server's listing (Action: Status). */
static inline void list(struct scene *scene, const char *server, const char *lines, bool final)
{
    char text[1024];
    struct parser *parser = parser_create(server);
    struct list messages = {0};

    snprintf(text, sizeof text, "%s\r\n\r\n", lines);
    parse_feed(parser, span_of(text));
    parse_take(parser, &messages);
    assert_int_equal(messages.count, 1);
    calls_list(scene->calls, messages.messages[0], final, scene->now_ms);
    list_fini(&messages);
    parser_destroy(parser);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)

#endif
