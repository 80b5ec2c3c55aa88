// core/bus/thread.c: the bus thread: takes jobs, keeps the list of subscriptions, connects to one server after the
// other. Jobs are done in their order; messages wait while there is no connection, subscriptions are only noted then.
#include "bus/inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/spares.h"
#include "bus/library.h"
#include "bus/link.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#ifdef AMP_WITH_NATS

#define RETRY_MS 500          // after all servers were tried in vain
#define RETRY_REFUSED_MS 5000 // … and one of them did not accept who this node is
#define FLUSH_MS 500

struct subscription {
    struct subscription *next;
    char *subject;
    struct link_subscription *live; // NULL: there is no connection, or NATS has refused it
};

// --- subscriptions ----------------------------------------------------------------------------------------------

static struct subscription **find_subscription(struct bus *bus, const char *subject)
{
    struct subscription **place = &bus->subscriptions;

    while (*place != NULL && strcmp((*place)->subject, subject) != 0)
        place = &(*place)->next;
    return place;
}

static void subscribe_live(struct bus *bus, struct subscription *subscription)
{
    subscription->live = link_subscribe(bus->link, subscription->subject);
}

static void do_subscribe(struct bus *bus, struct job *job)
{
    struct subscription **place = find_subscription(bus, job->subject);

    if (*place == NULL) {
        *place = memory_zero(1, sizeof **place);
        (*place)->subject = memory_text(job->subject);
        if (bus->link != NULL)
            subscribe_live(bus, *place);
    }
    bus_job_free(job);
}

/** Takes a subscription out of the list and frees it. It is not live any more. */
static void remove_subscription(struct subscription **place)
{
    struct subscription *gone = *place;

    *place = gone->next;
    free(gone->subject);
    free(gone);
}

static void do_unsubscribe(struct bus *bus, struct job *job)
{
    struct subscription **place = find_subscription(bus, job->subject);

    if (*place != NULL) {
        link_unsubscribe((*place)->live);
        remove_subscription(place);
    }
    bus_job_free(job);
}

// --- the connection ---------------------------------------------------------------------------------------------

static void close_link(struct bus *bus, int64_t flush_ms)
{
    for (struct subscription *each = bus->subscriptions; each != NULL; each = each->next) {
        link_unsubscribe(each->live);
        each->live = NULL;
    }
    link_close(bus->link, flush_ms);
    bus->link = NULL;
}

/** The connection is not usable any more: another server is tried at once. */
static void bus_lose(struct bus *bus, const char *reason)
{
    char quoted[300];

    log_warn(NULL, "bus lost reason=%s", log_text(quoted, sizeof quoted, reason));
    close_link(bus, 0);
    metric_set(&bus->metrics->up, 0);
    metric_add(&bus->metrics->losses, 1);
    bus_tell(bus, BUS_DOWN);
    bus->url = (bus->url + 1) % bus->identity.url_count;
    bus->tried = 0;
    bus->next_ms = 0;
}

static void forget_complaints(struct bus *bus)
{
    for (size_t i = 0; i < bus->identity.url_count; i++) {
        free(bus->complaints[i]);
        bus->complaints[i] = NULL;
    }
}

static void bus_connected(struct bus *bus, const char *url)
{
    log_info(NULL, "bus connected url=%s", url);
    forget_complaints(bus);
    for (struct subscription *each = bus->subscriptions; each != NULL; each = each->next)
        subscribe_live(bus, each);
    metric_set(&bus->metrics->up, 1);
    metric_add(&bus->metrics->connections, 1);
    bus_tell(bus, BUS_UP);
    if (metric_get(&bus->metrics->connections) > 1)
        bus_tell(bus, BUS_LOST);
    bus->tried = 0;
    bus->any_refused = false;
}

/** Says once for each server why it cannot be used, and again when the reason is another one. */
static void bus_complain(struct bus *bus, const char *url, bool refused, const char *reason)
{
    char **last = &bus->complaints[bus->url], quoted[400];

    log_text(quoted, sizeof quoted, reason);
    if (*last != NULL && strcmp(*last, reason) == 0)
        log_debug(NULL, "bus not connected url=%s reason=%s", url, quoted);
    else if (refused)
        log_error(NULL, "bus not connected: the NATS server does not accept this node url=%s reason=%s", url, quoted);
    else
        log_warn(NULL, "bus not connected url=%s reason=%s", url, quoted);
    free(*last);
    *last = memory_text(reason);
}

/** Tries the next server. */
static void bus_try(struct bus *bus)
{
    const char *url = bus->identity.urls[bus->url];
    struct error err = {""};
    bool refused = false;

    bus->link = link_open(bus, url, ++bus->links, &refused, &err);
    if (bus->link != NULL) {
        bus_connected(bus, url);
        return;
    }
    bus_complain(bus, url, refused, err.text);
    bus->any_refused |= refused;
    bus->url = (bus->url + 1) % bus->identity.url_count;
    if (++bus->tried < bus->identity.url_count)
        return;
    bus->next_ms = clock_ms() + (bus->any_refused ? RETRY_REFUSED_MS : RETRY_MS);
    bus->tried = 0;
    bus->any_refused = false;
}

// --- messages ---------------------------------------------------------------------------------------------------

/** Ends a job to publish. */
static void bus_finish(struct bus *bus, struct job *job)
{
    metric_sub_shared(&bus->metrics->waiting_out, job->size);
    bus_job_free(job);
}

/** Has it waited for so long that the other nodes have given this one up? Then it is dropped, and the job ended. */
static bool drop_stale(struct bus *bus, struct job *job)
{
    if (clock_ms() - job->since_ms <= bus->stale_ms)
        return false;
    metric_add(&bus->metrics->stale, 1);
    bus->dropped = true;
    bus_finish(bus, job);
    return true;
}

static void note_unsendable(struct bus *bus, const struct job *job, enum link_result result)
{
    char subject[200];

    metric_add(&bus->metrics->unsendable, 1);
    bus->dropped = true;
    log_error(NULL, "message not published subject=%s bytes=%zu reason=\"%s\"",
              log_quote(subject, sizeof subject, span_of(job->subject)),
              job->body == NULL ? 0 : bus_body_length(job->body),
              result == LINK_TOO_LONG ? "longer than the NATS server takes (max_payload)" : "not a NATS message");
}

/** Publishes, over the connection that there is. */
static void bus_send(struct bus *bus, struct job *job)
{
    if (drop_stale(bus, job))
        return;
    enum link_result result = link_publish(bus->link, job->subject, job->reply, job->head, job->body);
    switch (result) {
    case LINK_SENT:
        metric_add(&bus->metrics->published, 1);
        metric_add(&bus->metrics->published_bytes, job->size);
        break;
    case LINK_TOO_LONG:
    case LINK_REFUSED:
        note_unsendable(bus, job, result);
        break;
    case LINK_BROKEN: // it may have been sent, so it is not sent again
        metric_add(&bus->metrics->unsendable, 1);
        bus->dropped = true;
        bus_lose(bus, link_reason(bus->link));
        break;
    }
    bus_finish(bus, job);
}

static void do_publish(struct bus *bus, struct job *job)
{
    if (bus->link != NULL && bus->first == NULL) {
        bus_send(bus, job);
        return;
    }
    job->next = NULL;
    *bus->last = job;
    bus->last = &job->next;
}

static struct job *take_first(struct bus *bus)
{
    struct job *job = bus->first;

    bus->first = job->next;
    if (bus->first == NULL)
        bus->last = &bus->first;
    return job;
}

/** Publishes what has waited, or drops what has waited too long. */
static void work_off(struct bus *bus)
{
    while (bus->first != NULL) {
        if (bus->link != NULL)
            bus_send(bus, take_first(bus));
        else if (clock_ms() - bus->first->since_ms > bus->stale_ms)
            drop_stale(bus, take_first(bus));
        else
            return;
    }
}

// --- the thread -------------------------------------------------------------------------------------------------

static void do_closed(struct bus *bus, struct job *job)
{
    if (bus->link != NULL && link_number(bus->link) == job->number)
        bus_lose(bus, job->subject);
    bus_job_free(job);
}

/** @return false: it was the last one */
static bool bus_do(struct bus *bus, struct job *job)
{
    switch ((enum job_kind)job->letter.kind) {
    case JOB_PUBLISH:
        do_publish(bus, job);
        return true;
    case JOB_SUBSCRIBE:
        do_subscribe(bus, job);
        return true;
    case JOB_UNSUBSCRIBE:
        do_unsubscribe(bus, job);
        return true;
    case JOB_CLOSED:
        do_closed(bus, job);
        return true;
    case JOB_LEAVE:
        bus_job_free(job);
        return false;
    }
    return true;
}

/** Waits until there are jobs, or it is time to connect. */
static void bus_wait(struct bus *bus)
{
    struct pollfd wake = {.fd = bus->jobs.wake_fd, .events = POLLIN};
    uint64_t now = clock_ms();
    int limit = bus->link != NULL ? -1 : bus->next_ms > now ? (int)(bus->next_ms - now) : 0;

    poll(&wake, 1, limit); // an interruption is a turn without work
    mailbox_clear_wakeup(&bus->jobs);
}

/** @return false: the thread shall end */
static bool bus_turn(struct bus *bus)
{
    bool goes_on = true;

    bus_wait(bus);
    for (struct letter *letter = mailbox_take(&bus->jobs), *next; letter != NULL; letter = next) {
        next = letter->next;
        goes_on &= bus_do(bus, (struct job *)letter);
    }
    if (goes_on && bus->link == NULL && clock_ms() >= bus->next_ms)
        bus_try(bus);
    work_off(bus);
    if (bus->dropped)
        bus_tell(bus, BUS_LOST);
    bus->dropped = false;
    return goes_on;
}

void *bus_run(void *argument)
{
    struct bus *bus = argument;
    struct error err;

    pthread_setname_np(pthread_self(), "bus"); // libnats's threads inherit it
    bus->complaints = memory_zero(bus->identity.url_count, sizeof *bus->complaints);
    if (library_open(&err)) {
        while (bus_turn(bus))
            continue;
        if (bus->link != NULL)
            close_link(bus, FLUSH_MS);
        library_close();
    } else {
        log_error(NULL, "bus not started reason=\"%s\"", err.text);
    }
    metric_set(&bus->metrics->up, 0);
    while (bus->first != NULL)
        bus_finish(bus, take_first(bus));
    while (bus->subscriptions != NULL)
        remove_subscription(&bus->subscriptions);
    forget_complaints(bus);
    free(bus->complaints);
    spares_end();
    return NULL;
}

#endif
