// core/hub/control.c: see control.h.
#include "hub/control.h"

#include "auth/failures.h"
#include "base/address_rules.h"
#include "base/memory.h"
#include "config/config.h"
#include "hub/inside.h"
#include "letters/survey.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** A survey for whose answers a command waits. */
struct survey_round {
    struct list_node place; // in the hub's list `surveys`
    struct command *command;
    enum survey_kind kind;
    uint32_t left; // workers that have not answered
    struct survey_items items;
};

static struct span argument_of(const struct command *command, const char *name)
{
    struct span value = {"", 0};

    message_find(command->arguments, name, &value);
    return value;
}

// --- surveys ----------------------------------------------------------------------------------------------------

static void control_survey(struct hub *hub, struct command *command, enum survey_kind kind)
{
    struct survey_round *round = memory_zero(1, sizeof *round);

    *round = (struct survey_round){.command = command, .kind = kind, .left = hub->worker_count};
    list_add_last(&hub->surveys, &round->place);
    for (uint32_t i = 0; i < hub->worker_count; i++) {
        struct survey *survey = memory_zero(1, sizeof *survey);
        survey->letter.kind = WORKER_SURVEY;
        survey->kind = kind;
        survey->round = round;
        survey->arguments = message_ref(command->arguments);
        worker_send(hub->outboxes[i].worker, &survey->letter);
    }
}

/** Makes the event of a script. */
static struct message *control_script_event(const struct survey_item *item)
{
    static const char *const names[] = {
        [SURVEY_SEEN] = "Seen",       [SURVEY_ENTERED] = "Entered",    [SURVEY_PASSED] = "Passed",
        [SURVEY_DROPPED] = "Dropped", [SURVEY_CHANGED] = "Changed",    [SURVEY_FAILED] = "Failed",
        [SURVEY_USES] = "Uses",       [SURVEY_OBSERVED] = "Observing", [SURVEY_QUARANTINED] = "Quarantined"};
    const uint64_t *counts = item->counts;
    struct message_builder builder;

    message_builder_init(&builder);
    message_addf(&builder, "Event", "ScriptStatus");
    message_addf(&builder, "Script", "%s", item->name);
    message_addf(&builder, "Kind", "%s", item->kind);
    message_addf(&builder, "State", "%s",
                 counts[SURVEY_QUARANTINED] > 0                                                  ? "quarantined"
                 : counts[SURVEY_OBSERVED] > 0 && counts[SURVEY_OBSERVED] == counts[SURVEY_USES] ? "observing"
                                                                                                 : "active");
    message_addf(&builder, "Time", "%" PRIu64, item->rank);
    for (size_t i = 0; i < SURVEY_COUNTS; i++)
        message_addf(&builder, names[i], "%" PRIu64, counts[i]);
    return message_build(&builder);
}

/** Adds the processor time of each script, as its rank. */
static void control_add_times(void *visitor, const struct metrics_lists *lists)
{
    struct survey_round *round = visitor;

    for (size_t i = 0; i < round->items.count; i++) {
        struct survey_item *item = &round->items.list[i];
        enum metrics_script_kind kind = strcmp(item->kind, "filter") == 0 ? METRICS_FILTER : METRICS_PROXY_ACTION;
        for (const struct metrics_script *script = lists->scripts; script != NULL; script = script->next) {
            if (script->kind == kind && strcmp(script->name, item->name) == 0)
                item->rank += metric_get(&script->time_us);
        }
    }
}

/** Puts the answers of all workers into that of the command. */
static void control_put_together(struct hub *hub, struct survey_round *round)
{
    struct command *command = round->command;
    uint64_t most = SURVEY_SESSIONS_MOST;

    if (round->kind == SURVEY_SESSIONS) {
        (void)span_number(argument_of(command, "Most"), 1, SURVEY_SESSIONS_MOST, &most);
        survey_choose(&round->items, most);
    } else {
        survey_merge(&round->items);
        metrics_gather(hub->shared.metrics, control_add_times, round);
    }
    for (size_t i = 0; i < round->items.count; i++) {
        const struct survey_item *item = &round->items.list[i];
        command_add(command, item->message != NULL ? message_ref(item->message) : control_script_event(item));
    }
}

void control_surveyed(struct hub *hub, struct letter *letter)
{
    struct survey *survey = (struct survey *)letter;
    struct survey_round *round = survey->round;

    for (size_t i = 0; i < survey->items.count; i++)
        survey_add(&round->items, survey->items.list[i]);
    survey->items.count = 0; // they are the round's
    survey_destroy(survey);
    if (--round->left > 0)
        return;
    control_put_together(hub, round);
    list_remove(&hub->surveys, &round->place);
    bool is_nothing = round->kind == SURVEY_RELEASE && round->items.count == 0;
    survey_items_fini(&round->items);
    hub_answer_command(hub, round->command, is_nothing ? "No filter of that name is in quarantine" : NULL);
    free(round);
}

void control_drop(struct letter *letter)
{
    survey_destroy((struct survey *)letter);
}

void control_fini(struct hub *hub)
{
    for (struct list_node *node; (node = list_take_first(&hub->surveys)) != NULL;) {
        struct survey_round *round = LIST_OBJECT(node, struct survey_round, place);
        survey_items_fini(&round->items);
        command_destroy(round->command);
        free(round);
    }
}

// --- what is done at once -----------------------------------------------------------------------------------------

static void control_add(void *context, struct message *message)
{
    command_add(context, message);
}

static bool run_servers(struct hub *hub, struct command *command, struct error *err)
{
    (void)err;
    servers_describe(hub->servers, control_add, command);
    return true;
}

static bool run_drain(struct hub *hub, struct command *command, struct error *err)
{
    return servers_drain(hub->servers, argument_of(command, "Server"), true, err);
}

static bool run_resume(struct hub *hub, struct command *command, struct error *err)
{
    return servers_drain(hub->servers, argument_of(command, "Server"), false, err);
}

static bool run_log(struct hub *hub, struct command *command, struct error *err)
{
    static const char *const levels[] = {"error", "warn", "info", "debug", "trace"};
    struct span wanted = argument_of(command, "Level");
    (void)hub;

    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        if (!span_is(wanted, levels[i]))
            continue;
        log_set_level(LOG_LEVEL_INFO); // so that the line is written
        log_info(NULL, "log level changed to=%s session=%" PRIu64, levels[i], command->session);
        log_set_level((enum log_level)i);
        return true;
    }
    return error_set(err, "Level: expected error, warn, info, debug or trace");
}

static bool run_unlock(struct hub *hub, struct command *command, struct error *err)
{
    struct span address = argument_of(command, "Address");
    char text[LISTENER_ADDRESS_SIZE] = "", printed[LISTENER_ADDRESS_SIZE + 8];
    uint64_t count;

    if (address.length < sizeof text)
        snprintf(text, sizeof text, "%.*s", (int)address.length, address.bytes);
    snprintf(printed, sizeof printed, strchr(text, ':') != NULL ? "[%s]:0" : "%s:0", text);
    if (!address_of(printed).known)
        return error_set(err, "Address: expected an IPv4 or IPv6 address");
    count = failures_forget(hub->shared.failures, printed);
    if (count == 0)
        return error_set(err, "No failed logins of %s are known", text);
    log_info(NULL, "failed logins forgotten address=%s users=%" PRIu64 " session=%" PRIu64, text, count,
             command->session);
    return true;
}

static const struct {
    const char *name;
    bool (*run)(struct hub *hub, struct command *command, struct error *err); // NULL: a survey
    enum survey_kind survey;
} commands[] = {
    {"servers", run_servers, 0},       {"drain", run_drain, 0},
    {"resume", run_resume, 0},         {"log", run_log, 0},
    {"unlock", run_unlock, 0},         {"sessions", NULL, SURVEY_SESSIONS},
    {"filters", NULL, SURVEY_SCRIPTS}, {"release", NULL, SURVEY_RELEASE},
};

void control_run(struct hub *hub, struct command *command)
{
    struct span name = argument_of(command, "Command");
    struct error err = {""};

    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (!span_is(name, commands[i].name))
            continue;
        if (commands[i].run == NULL)
            control_survey(hub, command, commands[i].survey);
        else
            hub_answer_command(hub, command, commands[i].run(hub, command, &err) ? NULL : err.text);
        return;
    }
    hub_answer_command(hub, command,
                       "Command: expected servers, drain, resume, log, unlock, sessions, filters or release");
}
