// core/exports/export.c: see export.h.
#include "exports/inside.h"

#include "base/clock.h"
#include "base/memory.h"
#include "http/client.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void export_end(struct exporter *exporter);

struct log_context export_log(const struct exporter *exporter)
{
    struct log_context log;

    snprintf(log.text, sizeof log.text, "export=%s", exporter->config->name);
    return log;
}

static void export_publish(const struct exporter *exporter)
{
    const struct export_message *first = export_queue_first(&exporter->queue);

    metric_set(&exporter->metrics->queued, exporter->queue.count);
    metric_set(&exporter->metrics->queued_bytes, exporter->queue.bytes);
    metric_set(&exporter->metrics->oldest_ms, first == NULL ? 0 : first->head.queued_ms);
}

static void export_count_lost(struct exporter *exporter, uint64_t count, const char *why)
{
    struct log_context log = export_log(exporter);

    if (count == 0)
        return;
    metric_add(&exporter->metrics->lost, count);
    if (exporter->losing == 0)
        log_warn(&log, "export loses messages reason=\"%s\" lost=%" PRIu64, why, count);
    exporter->losing += count;
}

// --- what is to be done next ------------------------------------------------------------------------------------

/** Puts a message that tells of what was dropped in its place. */
static void export_tell_dropped(struct exporter *exporter)
{
    struct export_head head;
    struct span record;

    if (exporter->queue.dropped == 0)
        return;
    record = exporter->owner.skipped(exporter->owner.context, exporter->queue.dropped);
    if (record.length >= sizeof head) {
        memcpy(&head, record.bytes, sizeof head);
        head.queued_ms = clock_ms();
        struct export_message *message = export_message_create(&head);
        memcpy(message->text, record.bytes + sizeof head, record.length - sizeof head);
        export_queue_tell(&exporter->queue, message);
    }
    exporter->queue.dropped = 0; // also if the format has no such message
}

/** Waits for more messages of the batch. @return false: it is time to post it */
static bool export_gathers(struct exporter *exporter)
{
    const struct export_message *first = export_queue_first(&exporter->queue);
    uint64_t now = clock_ms(), until = first->head.queued_ms + exporter->config->batch_wait_ms;

    if (exporter->finishing || exporter->queue.count >= exporter->config->batch || until <= now ||
        export_subject(exporter->config) != NULL)
        return false;
    if (!event_pending(exporter->timer, EV_TIMEOUT, NULL))
        event_add(exporter->timer,
                  &(struct timeval){(time_t)((until - now) / 1000), (suseconds_t)((until - now) % 1000 * 1000)});
    return true;
}

void export_work(struct exporter *exporter)
{
    uint64_t now = clock_ms(), keep = exporter->config->keep_ms;

    if (!exporter->posting && now > keep)
        export_count_lost(exporter, export_queue_expire(&exporter->queue, now - keep), "older than keep");
    if (!exporter->posting && !exporter->waits && !exporter->held) {
        export_tell_dropped(exporter);
        if (exporter->queue.count > 0 && !export_gathers(exporter)) {
            event_del(exporter->timer);
            export_send(exporter);
        }
    }
    export_publish(exporter);
    if (exporter->finishing && !exporter->held && export_is_empty(exporter))
        export_end(exporter);
}

static void export_on_timer(evutil_socket_t fd, short what, void *argument)
{
    struct exporter *exporter = argument;
    (void)fd;
    (void)what;

    exporter->waits = false;
    export_work(exporter);
}

void export_hold(struct exporter *exporter, bool hold)
{
    exporter->held = hold;
    export_work(exporter);
}

/** Calls `finished`, once. The last thing that its caller does. */
static void export_end(struct exporter *exporter)
{
    if (exporter->finished)
        return;
    exporter->finished = true;
    exporter->owner.finished(exporter->owner.context);
}

static void export_on_limit(evutil_socket_t fd, short what, void *argument)
{
    (void)fd;
    (void)what;
    export_end(argument);
}

void export_finish(struct exporter *exporter, uint64_t limit_ms)
{
    exporter->finishing = true;
    event_add(exporter->timer, &(struct timeval){0, 0}); // a post that failed is repeated once more at least
    event_add(exporter->limit, &(struct timeval){(time_t)(limit_ms / 1000), (suseconds_t)(limit_ms % 1000 * 1000)});
}

bool export_is_empty(const struct exporter *exporter)
{
    return exporter->queue.count == 0 && exporter->queue.dropped == 0;
}

// --- messages come ----------------------------------------------------------------------------------------------

/** Takes a whole message from the bytes. @return its length; 0: it is not whole */
static size_t export_take_message(struct exporter *exporter, const char *bytes, size_t length)
{
    struct export_head head;
    size_t texts;

    if (length < sizeof head)
        return 0;
    memcpy(&head, bytes, sizeof head);
    texts = (size_t)head.server_length + head.event_length + head.length;
    if (length - sizeof head < texts)
        return 0;
    if (head.queued_ms == 0)
        head.queued_ms = clock_ms();
    struct export_message *message = export_message_create(&head);
    memcpy(message->text, bytes + sizeof head, texts);
    export_count_lost(exporter, export_queue_add(&exporter->queue, message), "the queue is full");
    return sizeof head + texts;
}

/** Takes the whole messages at the beginning. @return how many bytes they have */
static size_t export_take_whole(struct exporter *exporter, const char *bytes, size_t length)
{
    size_t taken = 0, more;

    while ((more = export_take_message(exporter, bytes + taken, length - taken)) > 0)
        taken += more;
    return taken;
}

void export_take(struct exporter *exporter, const char *bytes, size_t length)
{
    size_t taken;

    if (exporter->part_length == 0) {
        taken = export_take_whole(exporter, bytes, length);
        bytes += taken;
        length -= taken;
    }
    if (length > 0) {
        exporter->part = memory_grow(exporter->part, exporter->part_length + length);
        memcpy(exporter->part + exporter->part_length, bytes, length);
        exporter->part_length += length;
        taken = export_take_whole(exporter, exporter->part, exporter->part_length);
        memmove(exporter->part, exporter->part + taken, exporter->part_length - taken);
        exporter->part_length -= taken;
    }
    export_work(exporter);
}

void export_note_lost(struct exporter *exporter, uint64_t count)
{
    exporter->queue.dropped += count;
}

struct export_saved export_copy(const struct exporter *exporter, size_t count)
{
    struct export_saved saved = {.count = count};
    struct list_node *node = exporter->queue.messages.first;
    size_t room = 1;

    for (size_t i = 0; i < count; i++, node = node->next) {
        const struct export_message *message = LIST_OBJECT(node, struct export_message, node);
        room += sizeof message->head + message->head.server_length + message->head.event_length + message->head.length;
    }
    saved.bytes = memory_new(room);
    node = exporter->queue.messages.first;
    for (size_t i = 0; i < count; i++, node = node->next) {
        const struct export_message *message = LIST_OBJECT(node, struct export_message, node);
        size_t texts = (size_t)message->head.server_length + message->head.event_length + message->head.length;
        memcpy(saved.bytes + saved.length, &message->head, sizeof message->head);
        memcpy(saved.bytes + saved.length + sizeof message->head, message->text, texts);
        saved.length += sizeof message->head + texts;
    }
    return saved;
}

struct export_saved export_save(const struct exporter *exporter)
{
    struct export_saved saved = export_copy(exporter, exporter->queue.count);

    saved.dropped = exporter->queue.dropped;
    return saved;
}

// --- an export --------------------------------------------------------------------------------------------------

static void export_open_client(struct exporter *exporter)
{
    const struct export_config *config = exporter->config;

    if (export_subject(config) != NULL)
        return;
    struct http_settings settings = {.ca_file = config->ca_file,
                                     .allow = &config->allow,
                                     .connect_timeout_ms = config->connect_timeout_ms,
                                     .timeout_ms = config->timeout_ms};

    exporter->client = http_client_create(exporter->base, &settings);
}

struct exporter *export_create(struct event_base *base, const struct export_config *config,
                               const struct export_form *form, const struct export_owner *owner,
                               struct metrics *metrics)
{
    struct exporter *exporter = memory_zero(1, sizeof *exporter);

    exporter->base = base;
    exporter->config = config;
    exporter->form = *form;
    exporter->owner = *owner;
    exporter->registry = metrics;
    exporter->metrics = metrics_export_enter(metrics, config->name);
    exporter->queue.limit = (size_t)config->queue;
    exporter->serial = clock_us(); // not that of an earlier export of the name
    exporter->timer = event_new(base, -1, 0, export_on_timer, exporter);
    exporter->limit = event_new(base, -1, 0, export_on_limit, exporter);
    export_open_client(exporter);
    return exporter;
}

void export_configure(struct exporter *exporter, const struct export_config *config)
{
    bool is_same = config_same_export(exporter->config, config);

    exporter->config = config;
    if (is_same)
        return;
    exporter->posting = false; // it ends with its client; what comes back from the bus is ignored
    http_client_destroy(exporter->client);
    exporter->client = NULL;
    exporter->serial++;
    export_open_client(exporter);
    export_queue_end(&exporter->queue, 0);
    exporter->queue.limit = (size_t)config->queue;
    exporter->failures = 0;
    exporter->waits = false;
    event_add(exporter->timer, &(struct timeval){0, 0});
}

void export_set_id(struct exporter *exporter, struct span beginning)
{
    snprintf(exporter->id, sizeof exporter->id, "%.*s", (int)beginning.length, beginning.bytes);
}

void export_forget(struct exporter *exporter)
{
    http_client_destroy(exporter->client);
    event_free(exporter->timer);
    event_free(exporter->limit);
    export_queue_fini(&exporter->queue);
    export_publish(exporter);
    metrics_export_leave(exporter->registry, exporter->metrics);
    free(exporter->part);
    free(exporter->body);
    free(exporter);
}

void export_destroy(struct exporter *exporter)
{
    struct log_context log = export_log(exporter);
    uint64_t lost = 0;

    export_queue_end(&exporter->queue, 0);
    lost = export_queue_expire(&exporter->queue, UINT64_MAX);
    if (lost > 0) {
        metric_add(&exporter->metrics->lost, lost);
        log_warn(&log, "export ends messages_lost=%" PRIu64, lost);
    }
    export_forget(exporter);
}
