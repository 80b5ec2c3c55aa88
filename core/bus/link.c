// core/bus/link.c: see link.h.
#include "bus/link_inside.h"

#include "base/log.h"
#include "base/memory.h"
#include "bus/body.h"
#include "bus/link_options.h"

#ifdef AMP_WITH_NATS

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CLOSE_WAIT_MS 2000 // for callbacks that run, and for libnats's threads to end

// --- callbacks, on libnats's threads ----------------------------------------------------------------------------

void link_release(struct link *link)
{
    pthread_mutex_lock(&link->lock);
    if (--link->users == 0)
        pthread_cond_signal(&link->idle);
    pthread_mutex_unlock(&link->lock);
}

/** What libnats says about the end of a connection, in words. */
static const char *reason_of_end(const char *text)
{
    if (text == NULL || text[0] == '\0' || strcmp(text, "Connection Closed") == 0)
        return "the NATS server has closed it";
    return strcmp(text, "Stale Connection") == 0 ? "the NATS server does not answer pings" : text;
}

static void on_closed(natsConnection *connection, void *closure)
{
    struct link *link = closure;
    struct job *job = memory_zero(1, sizeof *job);
    const char *reason = NULL;

    natsConnection_GetLastError(connection, &reason);
    job->letter.kind = JOB_CLOSED;
    job->number = link->number;
    job->subject = memory_text(reason_of_end(reason));
    mailbox_put(&link->bus->jobs, &job->letter);
    link_release(link);
}

/** Errors that do not end the connection: messages dropped by libnats, or what NATS does not permit. */
static void on_error(natsConnection *connection, natsSubscription *subscription, natsStatus status, void *closure)
{
    struct link *link = closure;
    const char *reason = NULL;
    char quoted[300];
    (void)subscription;

    if (status == NATS_SLOW_CONSUMER) {
        log_warn(NULL, "messages from the bus dropped reason=\"libnats has too many\"");
        metric_add_shared(&link->bus->metrics->full_in, 1); // at least one
        bus_tell(link->bus, BUS_LOST);
        return;
    }
    natsConnection_GetLastError(connection, &reason);
    log_error(NULL, "bus reports an error status=\"%s\" reason=%s", natsStatus_GetText(status),
              log_text(quoted, sizeof quoted, reason == NULL ? "" : reason));
}

// --- the connection ---------------------------------------------------------------------------------------------

static void link_free(struct link *link)
{
    for (struct link_subscription *each = link->ended, *next; each != NULL; each = next) {
        next = each->next;
        free(each);
    }
    pthread_cond_destroy(&link->idle);
    pthread_mutex_destroy(&link->lock);
    free(link->scratch);
    free(link);
}

/** Says why a connection failed, without the place in libnats's sources. */
static void set_reason(struct error *err, natsStatus status)
{
    const char *detail = nats_GetLastError(NULL), *text;

    if (status == NATS_NO_SERVER) {
        error_set(err, "nobody listens there");
        return;
    }
    if (status == NATS_TIMEOUT) {
        error_set(err, "no answer in time");
        return;
    }
    text = detail == NULL ? NULL : strstr(detail, "): ");
    error_set(err, "%s", text != NULL ? text + 3 : natsStatus_GetText(status));
}

/** Makes the condition, whose waits do not follow the clock that can be set. */
static void link_init_idle(struct link *link)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&link->idle, &attributes);
    pthread_condattr_destroy(&attributes);
}

static natsStatus set_callbacks(natsOptions *options, struct link *link)
{
    natsStatus status = natsOptions_SetClosedCB(options, on_closed, link);

    return status == NATS_OK ? natsOptions_SetErrorHandler(options, on_error, link) : status;
}

struct link *link_open(struct bus *bus, const char *url, uint64_t number, bool *refused, struct error *err)
{
    struct link *link = memory_zero(1, sizeof *link);
    natsOptions *options = NULL;
    natsStatus status = natsOptions_Create(&options);

    link->bus = bus;
    link->number = number;
    link->users = 1;
    pthread_mutex_init(&link->lock, NULL);
    link_init_idle(link);
    if (status == NATS_OK)
        status = set_callbacks(options, link);
    if (status == NATS_OK)
        status = link_options_set(options, url, &bus->identity);
    if (status == NATS_OK)
        status = natsConnection_Connect(&link->connection, options);
    *refused = status == NATS_CONNECTION_AUTH_FAILED || status == NATS_SSL_ERROR ||
               status == NATS_SECURE_CONNECTION_REQUIRED || status == NATS_SECURE_CONNECTION_WANTED;
    if (status != NATS_OK)
        set_reason(err, status);
    natsOptions_Destroy(options);
    if (status == NATS_OK)
        return link;
    link_free(link);
    return NULL;
}

const char *link_reason(const struct link *link)
{
    return link->broken;
}

uint64_t link_number(const struct link *link)
{
    return link->number;
}

/** Waits for callbacks that still run. @return false: some still do */
static bool wait_until_idle(struct link *link)
{
    struct timespec until;
    int failure = 0;

    clock_gettime(CLOCK_MONOTONIC, &until); // as the condition does
    until.tv_sec += CLOSE_WAIT_MS / 1000;
    pthread_mutex_lock(&link->lock);
    while (link->users > 0 && failure == 0)
        failure = pthread_cond_timedwait(&link->idle, &link->lock, &until);
    bool is_idle = link->users == 0;
    pthread_mutex_unlock(&link->lock);
    return is_idle;
}

void link_close(struct link *link, int64_t flush_ms)
{
    for (struct link_subscription *each = link->ended; each != NULL; each = each->next)
        natsSubscription_Destroy(each->subscription);
    if (flush_ms > 0)
        natsConnection_FlushTimeout(link->connection, flush_ms);
    natsConnection_Close(link->connection);
    natsConnection_Destroy(link->connection);
    if (wait_until_idle(link))
        link_free(link);
    else
        log_error(NULL, "libnats has not ended a connection users=%u", link->users);
}

// --- messages ---------------------------------------------------------------------------------------------------

static enum link_result result_of(struct link *link, natsStatus status)
{
    const char *reason = NULL;

    switch (status) {
    case NATS_OK:
        return LINK_SENT;
    case NATS_MAX_PAYLOAD:
        return LINK_TOO_LONG;
    case NATS_INVALID_SUBJECT:
    case NATS_INVALID_ARG:
        return LINK_REFUSED;
    case NATS_TIMEOUT:
        link->broken = "the NATS server does not take what is sent";
        return LINK_BROKEN;
    default: // libnats may have given the connection up before it says so with on_closed()
        natsConnection_GetLastError(link->connection, &reason);
        link->broken = reason_of_end(reason);
        return LINK_BROKEN;
    }
}

/** Puts the body together. */
static struct span link_body(struct link *link, const struct bus_body *body)
{
    size_t length = body == NULL ? 0 : bus_body_length(body);

    if (length > link->scratch_bytes) {
        link->scratch = memory_grow(link->scratch, length);
        link->scratch_bytes = length;
    }
    if (length > 0)
        bus_body_write(body, link->scratch);
    return (struct span){link->scratch, length};
}

static natsStatus add_headers(natsMsg *message, const struct message *head)
{
    natsStatus status = NATS_OK;

    for (uint32_t i = 0; status == NATS_OK && i < head->header_count; i++) {
        struct span name, value;
        char key[64], text[1024];
        message_header(head, i, &name, &value);
        if (name.length == 0 || name.length >= sizeof key || value.length >= sizeof text)
            return NATS_INVALID_ARG;
        snprintf(key, sizeof key, "%.*s", (int)name.length, name.bytes);
        snprintf(text, sizeof text, "%.*s", (int)value.length, value.bytes == NULL ? "" : value.bytes);
        status = natsMsgHeader_Add(message, key, text);
    }
    return status;
}

enum link_result link_publish(struct link *link, const char *subject, const char *reply, const struct message *head,
                              const struct bus_body *body)
{
    struct span bytes = link_body(link, body);
    natsMsg *message = NULL;
    natsStatus status;

    status = natsMsg_Create(&message, subject, reply, bytes.bytes, (int)bytes.length);
    if (status == NATS_OK && head != NULL)
        status = add_headers(message, head);
    if (status == NATS_OK)
        status = natsConnection_PublishMsg(link->connection, message);
    natsMsg_Destroy(message);
    return result_of(link, status);
}

#endif
