// core/run/reload.c: see reload.h. Everything is made complete before anything is exchanged.
#include "run/reload.h"

#include "base/log.h"
#include "base/metrics.h"
#include "config/compare.h"
#include "run/inside.h"
#include "run/notify.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/** The log is where the configuration says, unless an option of the command line does. The last step that may fail. */
static bool move_log(const struct service *service, const struct config *config, struct error *err)
{
    if (service->log_is_fixed)
        return true;
    if (strcmp(config->log.to, hub_config(service->hub)->log.to) != 0)
        return log_open(config->log.to, config->log.level, err);
    log_set_level(config->log.level);
    return true;
}

/** Reads the file. @param hint  set to what helps if it has mistakes  @return NULL with `err` */
static struct config *read_config(const struct service *service, const char **hint, struct error *err)
{
    char *errors = NULL;
    struct config *config = config_load(hub_config(service->hub)->path, &errors);

    if (config == NULL) {
        error_set(err, "%.*s", (int)strcspn(errors, "\n"), errors);
        *hint = " hint=\"astmanproxy -t -c FILE shows all mistakes\"";
    }
    free(errors);
    return config;
}

/** @param notes  set to lines about settings that need a restart; NULL: none  @return false with `err` */
static bool change_over(struct service *service, struct config *config, char **notes, struct error *err)
{
    struct hub_pending *pending;

    *notes = config_compare(service->started, config);
    config_forget_sections(config); // plugins were told theirs at the start
    pending = hub_prepare(service->hub, config, err);
    if (pending == NULL || !move_log(service, config, err)) {
        hub_discard(service->hub, pending);
        free(*notes);
        *notes = NULL;
        return false;
    }
    hub_apply(service->hub, pending);
    log_set_limit(config->log.repeat_lines, config->log.repeat_interval_ms);
    return true;
}

/** One line for each setting that stays as it was. */
static void log_notes(const char *notes)
{
    for (size_t length; notes != NULL && *notes != '\0'; notes += length + 1) {
        length = strcspn(notes, "\n");
        log_warn(NULL, "setting not in force: %.*s", (int)length, notes);
    }
}

static void on_failed(const struct service *service, const struct error *err, const char *hint)
{
    struct metrics_hub *metrics = hub_metrics(service->hub);
    char quoted[600];

    notify_ready("Serving; the last reload failed, see the log");
    metric_add(&metrics->reloads_failed, 1);
    metric_set(&metrics->reload_good, 0);
    log_error(NULL, "configuration not reloaded, the old one stays reason=%s%s",
              log_text(quoted, sizeof quoted, err->text), hint);
}

static void on_done(const struct service *service, const char *notes)
{
    struct metrics_hub *metrics = hub_metrics(service->hub);

    metric_add(&metrics->reloads, 1);
    metric_set(&metrics->reload_good, 1);
    metric_set(&metrics->reload_s, (uint64_t)time(NULL));
    notify_ready("Serving");
    log_info(NULL, "configuration reloaded file=%s", hub_config(service->hub)->path);
    log_notes(notes);
}

bool reload(struct service *service, char **notes, struct error *err)
{
    struct config *config;
    const char *hint = "";
    char *lines = NULL;
    bool done;

    if (service->drain.state != DRAIN_NONE) {
        log_error(NULL, "configuration not reloaded, the old one stays reason=\"the proxy is going down\"");
        return error_set(err, "the proxy is going down");
    }
    notify_reloading();
    config = read_config(service, &hint, err);
    done = config != NULL && change_over(service, config, &lines, err);
    config_unref(config);
    if (done)
        on_done(service, lines);
    else
        on_failed(service, err, hint);
    if (notes != NULL)
        *notes = lines;
    else
        free(lines);
    return done;
}
