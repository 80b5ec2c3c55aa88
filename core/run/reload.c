// core/run/reload.c: see reload.h. Everything is prepared before anything is replaced. What takes long is prepared on
// the loader's thread, then what may fail on the hub's loop (sockets, the log). The replacement itself cannot fail.
#include "run/reload.h"

#include "base/audit.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/metrics.h"
#include "calls/calls.h"
#include "config/compare.h"
#include "letters/letters.h"
#include "run/inside.h"
#include "run/loader.h"
#include "run/notify.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define GOING_DOWN "the proxy is going down"

struct reload {
    struct loader_job job; // must be first
    struct service *service;
    char *path;                       // of the configuration
    struct command *commands, *later; // those that wait for this reload, and for the next; linked by `waits`
    bool again;                       // another reload follows this one
    // The results of the loader's thread:
    struct config *config;       // NULL: it has errors
    struct hub_pending *pending; // NULL: a part of it cannot be used
    char *notes;                 // lines about settings that need a restart; NULL: none
    const char *hint;            // advice for the log in case of errors
    struct error err;
};

// --- on the loader's thread -------------------------------------------------------------------------------------

static void reload_work(struct loader_job *job)
{
    struct reload *reload = (struct reload *)job;
    char *errors = NULL;

    reload->config = config_load(reload->path, &errors);
    if (reload->config == NULL) {
        error_set(&reload->err, "%.*s", (int)strcspn(errors, "\n"), errors);
        reload->hint = " hint=\"astmanproxy -t -c FILE shows all mistakes\"";
        free(errors);
        return;
    }
    free(errors);
    reload->notes = config_compare(reload->service->started, reload->config);
    config_forget_sections(reload->config); // plugins have read their sections at the start
    reload->pending = hub_prepare(reload->service->hub, reload->config, &reload->err);
}

/** Something that a reload has replaced: a configuration, or the rules of a worker. */
struct gone {
    struct loader_job job; // must be first
    struct config *config; // NULL: none
    struct calls *rules;   // NULL: none
};

static void free_gone(struct loader_job *job)
{
    struct gone *gone = (struct gone *)job;

    if (gone->config != NULL)
        config_free(gone->config);
    calls_destroy(gone->rules);
    free(gone);
}

static void submit_gone(struct loader *loader, struct config *config, struct calls *rules)
{
    struct gone *gone = memory_zero(1, sizeof *gone);

    *gone = (struct gone){.job = {.work = free_gone}, .config = config, .rules = rules};
    loader_submit(loader, &gone->job);
}

void reload_dispose(struct service *service, struct calls *rules)
{
    submit_gone(service->loader, NULL, rules);
}

/** Called when the last reference to a replaced configuration is gone. Thread: any. */
static void on_released(void *context, struct config *config)
{
    submit_gone(context, config, NULL);
}

// --- on the hub's loop ------------------------------------------------------------------------------------------

/** Opens the logs at the places that the configuration names, but not the one that an option of the command line has
 *  set. This is the last step that may fail. */
static bool move_log(const struct service *service, const struct config *config, struct error *err)
{
    const struct config *before = hub_config(service->hub);
    struct error ignored;

    if (!audit_open(config->log.audit, err))
        return false;
    if (service->log_is_fixed)
        return true;
    if (strcmp(config->log.to, before->log.to) == 0) {
        log_set_level(config->log.level);
        return true;
    }
    if (log_open(config->log.to, config->log.level, err))
        return true;
    (void)audit_open(before->log.audit, &ignored); // it could be opened before
    return false;
}

/** Switches to the new configuration, which is complete. @return false: `err` is set and nothing has changed */
static bool change_over(struct reload *reload)
{
    struct service *service = reload->service;
    const struct config *config = reload->config;

    if (service->drain.state != DRAIN_NONE)
        return error_set(&reload->err, GOING_DOWN);
    if (reload->pending == NULL || !hub_prepare_sockets(service->hub, reload->pending, &reload->err) ||
        !move_log(service, config, &reload->err))
        return false;
    config_on_release(hub_config(service->hub), on_released, service->loader);
    hub_apply(service->hub, reload->pending);
    reload->pending = NULL;
    log_set_limit(config->log.repeat_lines, config->log.repeat_interval_ms);
    return true;
}

/** Logs one line for each setting that keeps its old value until a restart. */
static void log_notes(const char *notes)
{
    for (size_t length; notes != NULL && *notes != '\0'; notes += length + 1) {
        length = strcspn(notes, "\n");
        log_warn(NULL, "setting not in force: %.*s", (int)length, notes);
    }
}

/** Records a reload. @param command  the one that asks for it; NULL: a signal does
 *  @param reason  why it failed; NULL: it succeeded */
static void audit_reload(const struct command *command, const char *reason)
{
    struct audit record;

    if (!audit_is_on())
        return;
    audit_begin(&record, "reload");
    if (command != NULL && command->session != 0)
        audit_number(&record, "session", command->session);
    audit_text(&record, "user", span_of(command == NULL ? NULL : command->user));
    audit_text(&record, "by", span_of(command == NULL ? "SIGHUP" : command->by));
    audit_text(&record, "outcome", span_of(reason == NULL ? "success" : "error"));
    audit_text(&record, "reason", span_of(reason));
    audit_put(&record);
}

static void log_failure(const struct service *service, const struct command *command, const struct error *err,
                        const char *hint)
{
    struct metrics_hub *metrics = hub_metrics(service->hub);
    char quoted[600];

    metric_add(&metrics->reloads_failed, 1);
    audit_reload(command, err->text);
    metric_set(&metrics->reload_good, 0);
    log_error(NULL, "configuration not reloaded, the old one stays reason=%s%s",
              log_text(quoted, sizeof quoted, err->text), hint);
}

static void log_success(const struct service *service, const struct command *command, const char *notes)
{
    struct metrics_hub *metrics = hub_metrics(service->hub);

    metric_add(&metrics->reloads, 1);
    audit_reload(command, NULL);
    metric_set(&metrics->reload_good, 1);
    metric_set(&metrics->reload_s, (uint64_t)time(NULL));
    log_info(NULL, "configuration reloaded file=%s", hub_config(service->hub)->path);
    log_notes(notes);
}

/** Answers all commands that wait for the reload. @param reason  why it failed; NULL: it succeeded */
static void reload_answer(struct service *service, struct command *commands, const char *reason, const char *notes)
{
    struct command *next;

    for (struct command *command = commands; command != NULL; command = next) {
        next = command->waits;
        command->waits = NULL;
        command->notes = memory_text(notes);
        hub_answer_command(service->hub, command, reason);
    }
}

static void free_reload(struct reload *reload)
{
    hub_discard(reload->service->hub, reload->pending);
    config_unref(reload->config);
    free(reload->notes);
    free(reload->path);
    free(reload);
}

static void reload_drop(struct loader_job *job)
{
    free_reload((struct reload *)job);
}

static void reload_submit(struct service *service, struct command *commands);

static void reload_done(struct loader_job *job)
{
    struct reload *reload = (struct reload *)job;
    struct service *service = reload->service;
    bool changed = change_over(reload), again = reload->again;
    struct command *later = reload->later;

    service->reload = NULL;
    if (service->drain.state == DRAIN_NONE)
        notify_ready(changed ? "Serving" : "Serving; the last reload failed, see the log");
    if (changed)
        log_success(service, reload->commands, reload->notes);
    else
        log_failure(service, reload->commands, &reload->err, reload->hint);
    reload_answer(service, reload->commands, changed ? NULL : reload->err.text, reload->notes);
    free_reload(reload);
    if (again)
        reload_submit(service, later);
}

static void reload_submit(struct service *service, struct command *commands)
{
    struct reload *reload = memory_zero(1, sizeof *reload);

    notify_reloading();
    reload->job = (struct loader_job){.work = reload_work, .done = reload_done, .drop = reload_drop};
    reload->service = service;
    reload->path = memory_text(hub_config(service->hub)->path);
    reload->commands = commands;
    reload->hint = "";
    service->reload = reload;
    loader_submit(service->loader, &reload->job);
}

void reload_begin(struct service *service, struct command *command)
{
    struct error err;

    if (service->drain.state != DRAIN_NONE) {
        error_set(&err, GOING_DOWN);
        log_failure(service, command, &err, "");
        if (command != NULL)
            hub_answer_command(service->hub, command, err.text);
        return;
    }
    if (service->reload == NULL) {
        reload_submit(service, command);
        return;
    }
    service->reload->again = true;
    if (command != NULL) {
        command->waits = service->reload->later;
        service->reload->later = command;
    }
}

void reload_abandon(struct service *service)
{
    struct reload *reload = service->reload;

    if (reload == NULL)
        return;
    reload_answer(service, reload->commands, GOING_DOWN, NULL);
    reload_answer(service, reload->later, GOING_DOWN, NULL);
    reload->commands = reload->later = NULL;
    reload->again = false;
}
