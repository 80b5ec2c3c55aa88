// core/session/scripting/scripts.c: see scripts.h.
#include "session/scripting/scripts.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct scripts {
    struct script_state *state;
    struct view nobody; // the view of sessions without a user
    struct view *users; // one for each user of the configuration
    size_t user_count;
    struct view **stateful; // the views above that have a stateful filter
    size_t stateful_count;
    struct calls *calls; // with the rules of the configuration, until they are taken; NULL: no user has a rule
};

/** Converts options of the configuration to the form for scripts: a tree whose texts are lent by the configuration. */
static struct script_value scripts_convert(const struct option_value *option)
{
    static const enum script_value_kind kinds[] = {
        [OPTION_NIL] = SCRIPT_NIL,   [OPTION_FLAG] = SCRIPT_FLAG, [OPTION_NUMBER] = SCRIPT_NUMBER,
        [OPTION_TEXT] = SCRIPT_TEXT, [OPTION_LIST] = SCRIPT_LIST, [OPTION_MAP] = SCRIPT_MAP,
    };
    struct script_value value = {.kind = kinds[option->kind],
                                 .flag = option->flag,
                                 .number = option->number,
                                 .text = option->text,
                                 .count = option->count,
                                 .keys = (const char *const *)option->keys};
    struct script_value *items = option->count > 0 ? memory_new(option->count * sizeof *items) : NULL;

    for (size_t i = 0; i < option->count; i++)
        items[i] = scripts_convert(&option->items[i]);
    value.items = items;
    return value;
}

static void scripts_free_converted(const struct script_value *value)
{
    for (size_t i = 0; i < value->count; i++)
        scripts_free_converted(&value->items[i]);
    memory_free(value->items);
}

static bool add_filter(struct scripts *scripts, struct view *view, const struct filter_config *filter,
                       const struct script_user *user, struct error *err)
{
    struct script_value options = scripts_convert(&filter->options);
    struct script_filter *made = script_filter_create(
        scripts->state, filter->name, options.kind == SCRIPT_NIL ? NULL : &options, user, filter->observe, err);

    scripts_free_converted(&options);
    if (made == NULL)
        return false;
    view->filters[view->count++] = made;
    view->has_action = view->has_action || script_filter_has_action(made);
    view->has_answers = view->has_answers || script_filter_has_answers(made);
    view->is_stateful = view->is_stateful || script_filter_is_stateful(made);
    return true;
}

/** Makes the filters of a view. @param user  NULL: the view of sessions without a user */
static bool fill_view(struct scripts *scripts, struct view *view, const struct config *config,
                      const struct user_config *user, struct error *err)
{
    const struct filter_list *global = &config->scripts.filters;
    size_t own = user != NULL ? user->filters.count : 0;
    struct script_user identity = {0};

    view->user = user;
    view->rule = VIEW_NO_RULE;
    if (user != NULL)
        identity =
            (struct script_user){.name = user->name, .read = user->read, .write = user->write, .admin = user->admin};
    view->filters = memory_zero(global->count + own + 1, sizeof(struct script_filter *));
    for (size_t i = 0; i < global->count + own; i++) {
        const struct filter_config *filter =
            i < global->count ? &global->items[i] : &user->filters.items[i - global->count];
        if (!add_filter(scripts, view, filter, user != NULL ? &identity : NULL, err))
            return false;
    }
    return true;
}

static void list_stateful(struct scripts *scripts)
{
    scripts->stateful = memory_zero(scripts->user_count + 1, sizeof(struct view *));
    if (scripts->nobody.is_stateful)
        scripts->stateful[scripts->stateful_count++] = &scripts->nobody;
    for (size_t i = 0; i < scripts->user_count; i++)
        if (scripts->users[i].is_stateful)
            scripts->stateful[scripts->stateful_count++] = &scripts->users[i];
}

/** Adds the script from the first folder that has it. */
static bool add_file(struct script_files *files, const struct config *config, enum script_kind kind, const char *name,
                     struct error *err)
{
    bool is_stock = kind == SCRIPT_IS_PROXY_ACTION && strcmp(name, "stock") == 0, found = false;

    for (size_t i = 0; i < config->scripts.path_count && (is_stock || !found); i++)
        found =
            script_files_add(files, config->scripts.paths[i], kind, name, err) || found; // `stock`: from all folders
    if (!found && config->scripts.path_count > 1)
        return error_set(err, "%s '%s': none of the folders of scripts.path has it",
                         kind == SCRIPT_IS_FILTER ? "filter" : "proxy action", name);
    return found;
}

static bool list_files(struct script_files *files, const struct config *config, struct error *err)
{
    for (size_t i = 0; i < config->scripts.proxy_action_count; i++) {
        if (!add_file(files, config, SCRIPT_IS_PROXY_ACTION, config->scripts.proxy_actions[i], err))
            return false;
    }
    for (size_t i = 0; i < config->user_count + 1; i++) {
        const struct filter_list *list = i == 0 ? &config->scripts.filters : &config->users[i - 1].filters;
        for (size_t k = 0; k < list->count; k++) {
            if (!add_file(files, config, SCRIPT_IS_FILTER, list->items[k].name, err))
                return false;
        }
    }
    return true;
}

bool scripts_test(struct scripts *scripts, struct error *err)
{
    return script_state_test_all(scripts->state, err);
}

static struct script_limits limits_of(const struct config *config)
{
    struct script_limits limits;

    script_limits_default(&limits);
    limits.memory = config->scripts.memory;
    limits.time_ms = config->scripts.time_ms;
    limits.pattern_steps = config->scripts.pattern_steps;
    limits.call_timeout_ms = config->scripts.call_timeout_ms;
    limits.waiting = limits.timers = (uint32_t)config->scripts.waiting;
    limits.quarantine = (uint32_t)config->scripts.quarantine;
    limits.pass_on_error = config->scripts.on_error == SCRIPT_FAILURE_PASSES;
    return limits;
}

static bool make_views(struct scripts *scripts, const struct config *config, struct error *err)
{
    size_t rules = 0;

    scripts->users = memory_zero(config->user_count + 1, sizeof *scripts->users);
    scripts->user_count = config->user_count;
    if (!fill_view(scripts, &scripts->nobody, config, NULL, err))
        return false;
    for (size_t i = 0; i < config->user_count; i++) {
        if (!fill_view(scripts, &scripts->users[i], config, &config->users[i], err))
            return false;
        if (config_has_call_rule(&config->users[i]))
            scripts->users[i].rule = rules++;
        if (scripts->users[i].is_stateful && config->users[i].snapshot)
            return error_set(err,
                             "%s: user %s: snapshot: expected false, since one of the filters is stateful and judges "
                             "each event once, when it comes",
                             config->path, config->users[i].name);
    }
    list_stateful(scripts);
    return true;
}

struct scripts *scripts_create(const struct config *config, const struct scripts_place *place, struct error *err)
{
    struct scripts *scripts = memory_zero(1, sizeof *scripts);
    struct script_files files = {0};
    struct script_setup setup = {.files = &files,
                                 .root = config->scripts.paths[0],
                                 .more_roots = (const char *const *)config->scripts.paths + 1,
                                 .more_root_count = config->scripts.path_count - 1,
                                 .limits = limits_of(config),
                                 .host = place->host,
                                 .watchdog = place->watchdog,
                                 .shared = place->shared,
                                 .worker = place->worker,
                                 .metrics = place->metrics};

    setup.limits.strict = place->strict;

    if (list_files(&files, config, err))
        scripts->state = script_state_create(&setup, err);
    script_files_fini(&files);
    if (scripts->state == NULL || !make_views(scripts, config, err)) {
        scripts_destroy(scripts);
        return NULL;
    }
    if (config_follows_calls(config)) {
        size_t count;
        struct call_rule *rules = view_rules(config, &count);
        scripts->calls = calls_create(rules, count);
        free(rules);
    }
    script_state_leave_thread(scripts->state);
    return scripts;
}

static void free_view(struct view *view)
{
    for (size_t i = 0; i < view->count; i++)
        script_filter_unref(view->filters[i]);
    free(view->filters);
}

void scripts_destroy(struct scripts *scripts)
{
    if (scripts == NULL)
        return;
    free_view(&scripts->nobody);
    for (size_t i = 0; i < scripts->user_count; i++)
        free_view(&scripts->users[i]);
    free(scripts->users);
    free(scripts->stateful);
    script_state_destroy(scripts->state);
    calls_destroy(scripts->calls);
    free(scripts);
}

struct calls *scripts_take_calls(struct scripts *scripts)
{
    struct calls *calls = scripts->calls;

    scripts->calls = NULL;
    return calls;
}

struct script_state *scripts_state(struct scripts *scripts)
{
    return scripts->state;
}

struct view **scripts_stateful(struct scripts *scripts, size_t *count)
{
    *count = scripts->stateful_count;
    return scripts->stateful;
}

struct view *scripts_view(struct scripts *scripts, const struct config *config, const struct user_config *user)
{
    struct view *view = user == NULL ? &scripts->nobody : &scripts->users[user - config->users];

    bool is_plain = view->count == 0 && view->rule == VIEW_NO_RULE && (user == NULL || user->account == NULL);
    return is_plain ? NULL : view;
}
