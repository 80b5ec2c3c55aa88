// core/exports/post.c: one post of an export: body, headers and signature, and what follows from the answer.
#include "exports/inside.h"

#include "base/clock.h"
#include "base/memory.h"
#include "exports/verdict.h"
#include "http/client.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADERS 6

static size_t export_append(char *body, size_t used, const char *text)
{
    size_t length = text == NULL ? 0 : strlen(text);

    if (length > 0)
        memcpy(body + used, text, length);
    return used + length;
}

/** Joins the messages that are under way to one body. @return its length */
static size_t export_join(struct exporter *exporter)
{
    const struct export_form *form = &exporter->form;
    struct list_node *node = exporter->queue.messages.first;
    bool is_list = exporter->config->batch > 1 && form->list_begin != NULL;
    size_t between = is_list && form->list_between != NULL ? strlen(form->list_between) : 0, used = 0;
    size_t room = is_list ? strlen(form->list_begin) + (form->list_end == NULL ? 0 : strlen(form->list_end)) : 0;

    for (size_t i = 0; i < exporter->queue.under_way; i++, node = node->next)
        room += between + LIST_OBJECT(node, struct export_message, node)->head.length;
    free(exporter->body);
    exporter->body = memory_new(room + 1);
    used = export_append(exporter->body, used, is_list ? form->list_begin : NULL);
    node = exporter->queue.messages.first;
    for (size_t i = 0; i < exporter->queue.under_way; i++, node = node->next) {
        struct span bytes = export_message_bytes(LIST_OBJECT(node, struct export_message, node));
        used = export_append(exporter->body, used, is_list && i > 0 ? form->list_between : NULL);
        memcpy(exporter->body + used, bytes.bytes, bytes.length);
        used += bytes.length;
    }
    return export_append(exporter->body, used, is_list ? form->list_end : NULL);
}

static void export_on_answer(void *context, const struct http_answer *answer);

void export_post(struct exporter *exporter)
{
    const struct export_config *config = exporter->config;
    const struct export_message *first = export_queue_first(&exporter->queue);
    char texts[HEADERS][EXPORT_HEADER_SIZE], signature[SIGNATURE_SIZE];
    const char *headers[HEADERS];
    struct span body = {NULL, export_join(exporter)};
    int64_t seconds;
    int32_t microseconds;
    size_t count = 5;

    body.bytes = exporter->body;
    clock_wall(&seconds, &microseconds);
    snprintf(texts[0], EXPORT_HEADER_SIZE, "Content-Type: %s",
             exporter->form.content_type == NULL ? "application/octet-stream" : exporter->form.content_type);
    snprintf(texts[1], EXPORT_HEADER_SIZE, "Astmanproxy-Export: %s", config->name);
    snprintf(texts[2], EXPORT_HEADER_SIZE, "Astmanproxy-ID: %.200s%" PRIu64, exporter->id, first->head.number);
    snprintf(texts[3], EXPORT_HEADER_SIZE, "Astmanproxy-Messages: %zu", exporter->queue.under_way);
    snprintf(texts[4], EXPORT_HEADER_SIZE, "Astmanproxy-Attempt: %" PRIu32, exporter->failures + 1);
    if (export_sign(signature, seconds, body, config->secret, config->previous_secret)[0] != '\0')
        snprintf(texts[count++], EXPORT_HEADER_SIZE, "Astmanproxy-Signature: %s", signature);
    for (size_t i = 0; i < count; i++)
        headers[i] = texts[i];
    exporter->call = http_client_post(
        exporter->client,
        &(struct http_post){.url = config->to, .headers = headers, .header_count = count, .body = body},
        export_on_answer, exporter);
}

static void export_delivered(struct exporter *exporter)
{
    struct log_context log = export_log(exporter);

    metric_add(&exporter->metrics->posted, exporter->queue.under_way);
    if (exporter->failures > 0 || exporter->losing > 0)
        log_info(&log, "export goes on failures=%" PRIu32 " lost=%" PRIu64 " queued=%zu", exporter->failures,
                 exporter->losing, exporter->queue.count);
    exporter->failures = 0;
    exporter->losing = 0;
    export_queue_end(&exporter->queue, true);
}

static void export_refused(struct exporter *exporter, unsigned status)
{
    struct log_context log = export_log(exporter);

    log_warn(&log, "export refused status=%u messages=%zu", status, exporter->queue.under_way);
    metric_add(&exporter->metrics->refused, exporter->queue.under_way);
    exporter->failures = 0;
    export_queue_end(&exporter->queue, true);
}

static void export_failed(struct exporter *exporter, const struct http_answer *answer)
{
    const struct export_config *config = exporter->config;
    struct log_context log = export_log(exporter);
    char reason[300], quoted[320];
    uint64_t wait;

    exporter->failures++;
    wait = export_wait(exporter->failures, config->retry_interval_ms, config->retry_max_interval_ms,
                       answer->retry_after_ms, (uint32_t)clock_us());
    if (answer->status != 0)
        snprintf(reason, sizeof reason, "status %u", answer->status);
    else
        snprintf(reason, sizeof reason, "%s", answer->reason);
    log_warn(&log, "export failed reason=%s attempt=%" PRIu32 " again_in_ms=%" PRIu64 " queued=%zu",
             log_text(quoted, sizeof quoted, reason), exporter->failures, wait, exporter->queue.count);
    metric_add(&exporter->metrics->failed, 1);
    export_queue_end(&exporter->queue, false);
    exporter->waits = true;
    event_add(exporter->timer, &(struct timeval){(time_t)(wait / 1000), (suseconds_t)(wait % 1000 * 1000)});
}

static void export_on_answer(void *context, const struct http_answer *answer)
{
    struct exporter *exporter = context;

    exporter->call = NULL;
    switch (export_judge(answer->status)) {
    case EXPORT_DELIVERED:
        export_delivered(exporter);
        break;
    case EXPORT_REFUSED:
        export_refused(exporter, answer->status);
        break;
    case EXPORT_FAILED:
        export_failed(exporter, answer);
        break;
    }
    export_work(exporter);
}
