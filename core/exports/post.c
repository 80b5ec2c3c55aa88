// core/exports/post.c: one post of an export: body, headers and signature, and what the answer means.
#include "exports/inside.h"

#include "base/clock.h"
#include "base/memory.h"
#include "exports/verdict.h"
#include "http/client.h"

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

static bool export_posts_lists(const struct exporter *exporter)
{
    return exporter->config->batch > 1 && exporter->form.list_begin != NULL;
}

static const char *export_content_type(const struct exporter *exporter)
{
    const struct export_form *form = &exporter->form;

    if (export_posts_lists(exporter) && form->list_content_type != NULL)
        return form->list_content_type;
    return form->content_type == NULL ? "application/octet-stream" : form->content_type;
}

/** Joins the messages that are under way to one body. @return its length */
static size_t export_join(struct exporter *exporter)
{
    const struct export_form *form = &exporter->form;
    struct list_node *node = exporter->queue.messages.first;
    bool is_list = export_posts_lists(exporter);
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
    snprintf(texts[0], EXPORT_HEADER_SIZE, "Content-Type: %s", export_content_type(exporter));
    snprintf(texts[1], EXPORT_HEADER_SIZE, "Astmanproxy-Export: %s", config->name);
    snprintf(texts[2], EXPORT_HEADER_SIZE, "Astmanproxy-ID: %.200s%" PRIu64, exporter->id, first->head.number);
    snprintf(texts[3], EXPORT_HEADER_SIZE, "Astmanproxy-Messages: %zu", exporter->queue.under_way);
    snprintf(texts[4], EXPORT_HEADER_SIZE, "Astmanproxy-Attempt: %" PRIu32, exporter->failures + 1);
    if (export_sign(signature, seconds, body, config->secret, config->previous_secret)[0] != '\0')
        snprintf(texts[count++], EXPORT_HEADER_SIZE, "Astmanproxy-Signature: %s", signature);
    for (size_t i = 0; i < count; i++)
        headers[i] = texts[i];
    http_client_send(exporter->client,
                     &(struct http_request){.url = config->to, .headers = headers, .header_count = count, .body = body},
                     export_on_answer, exporter);
}

static void export_on_answer(void *context, const struct http_answer *answer)
{
    struct exporter *exporter = context;
    struct log_context log = export_log(exporter);
    struct export_outcome outcome = {.over = exporter->queue.under_way, .retry_after_ms = answer->retry_after_ms};
    char status[32];

    switch (export_judge(answer->status)) {
    case EXPORT_DELIVERED:
        break;
    case EXPORT_REFUSED:
        log_warn(&log, "export refused status=%u messages=%zu", answer->status, outcome.over);
        outcome.refused = outcome.over;
        break;
    case EXPORT_FAILED:
        snprintf(status, sizeof status, "status %u", answer->status);
        outcome.over = 0;
        outcome.failure = answer->status != 0 ? status : answer->reason;
        break;
    }
    export_settle(exporter, &outcome);
}
