// core/bus/bus.c: the hub's side of the bus.
#include "bus/inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/spares.h"
#include "bus/letter.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#ifdef AMP_WITH_NATS

#define RESERVE_SHARE 8   // BUS_IMPORTANT may use an eighth of the mailbox more
#define COMPLAIN_MS 10000 // between two lines about a full mailbox
#define JOB_BYTES sizeof(struct job)

bool bus_is_built(void)
{
    return true;
}

struct bus *bus_create(const struct cluster_config *config, struct mailbox *inbox, uint32_t letter_kind,
                       struct metrics *metrics, struct error *err)
{
    struct bus *bus = memory_zero(1, sizeof *bus);

    bus->jobs.wake_fd = -1;
    if (!bus_identity_init(&bus->identity, config, err)) {
        free(bus);
        return NULL;
    }
    if (!mailbox_init(&bus->jobs)) {
        error_set(err, "cannot start the bus: %s", strerror(errno));
        bus_identity_fini(&bus->identity);
        free(bus);
        return NULL;
    }
    bus->inbox = inbox;
    bus->letter_kind = letter_kind;
    bus->limit = config->bus_memory;
    bus->stale_ms = config->dead_after_ms;
    bus->last = &bus->first;
    bus->metrics = metrics_bus(metrics);
    metric_set(&bus->metrics->exists, 1);
    return bus;
}

bool bus_start(struct bus *bus, struct error *err)
{
    sigset_t all, before;
    int failure;

    sigfillset(&all); // the event loops handle signals; libnats's threads inherit this
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failure = pthread_create(&bus->thread, NULL, bus_run, bus);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    bus->started = failure == 0;
    return bus->started || error_set(err, "cannot start the thread of the bus: %s", strerror(failure));
}

void bus_job_free(struct job *job)
{
    free(job->subject);
    free(job->reply);
    message_unref(job->head);
    bus_body_destroy(job->body);
    free(job);
}

static struct job *job_create(enum job_kind kind, const char *subject, const char *reply)
{
    struct job *job = memory_zero(1, sizeof *job);

    job->letter.kind = kind;
    job->subject = memory_text(subject);
    job->reply = memory_text(reply);
    return job;
}

void bus_destroy(struct bus *bus)
{
    if (bus == NULL)
        return;
    if (bus->started) {
        mailbox_put(&bus->jobs, &job_create(JOB_LEAVE, NULL, NULL)->letter);
        pthread_join(bus->thread, NULL);
    }
    for (struct letter *letter = mailbox_take(&bus->jobs), *next; letter != NULL; letter = next) {
        next = letter->next;
        bus_job_free((struct job *)letter);
    }
    mailbox_fini(&bus->jobs);
    bus_identity_fini(&bus->identity);
    metric_set(&bus->metrics->exists, 0);
    free(bus);
}

bool bus_is_up(const struct bus *bus)
{
    return metric_get(&bus->metrics->up) != 0;
}

// --- publishing -------------------------------------------------------------------------------------------------

/** Notes that a message had no room; one line a while says how many. */
static void bus_note_refused(struct bus *bus)
{
    uint64_t now = clock_ms();

    bus->refused++;
    metric_add(&bus->metrics->full_out, 1);
    if (bus->complained_ms != 0 && now - bus->complained_ms < COMPLAIN_MS)
        return;
    log_warn(NULL, "mailbox to the bus full, messages dropped count=%" PRIu64 " waiting_bytes=%" PRIu64 " connected=%s",
             bus->refused, metric_get(&bus->metrics->waiting_out), bus_is_up(bus) ? "yes" : "no");
    bus->refused = 0;
    bus->complained_ms = now;
}

bool bus_publish(struct bus *bus, enum bus_weight weight, const char *subject, const char *reply, struct message *head,
                 struct bus_body *body)
{
    size_t size = JOB_BYTES + strlen(subject) + (head == NULL ? 0 : head->byte_count) +
                  (body == NULL ? 0 : bus_body_length(body));
    uint64_t limit = weight == BUS_IMPORTANT ? bus->limit + bus->limit / RESERVE_SHARE : bus->limit;

    if (metric_get(&bus->metrics->waiting_out) + size > limit) {
        message_unref(head);
        bus_body_destroy(body);
        bus_note_refused(bus);
        return false;
    }
    struct job *job = job_create(JOB_PUBLISH, subject, reply);
    job->head = head;
    job->body = body;
    job->size = size;
    job->since_ms = clock_ms();
    metric_add_shared(&bus->metrics->waiting_out, size);
    mailbox_put(&bus->jobs, &job->letter);
    return true;
}

void bus_subscribe(struct bus *bus, const char *subject)
{
    mailbox_put(&bus->jobs, &job_create(JOB_SUBSCRIBE, subject, NULL)->letter);
}

void bus_unsubscribe(struct bus *bus, const char *subject)
{
    mailbox_put(&bus->jobs, &job_create(JOB_UNSUBSCRIBE, subject, NULL)->letter);
}

void bus_tell(struct bus *bus, enum bus_letter_kind kind)
{
    mailbox_put(bus->inbox, &bus_letter_create(bus->letter_kind, kind)->letter);
}

void bus_letter_destroy(struct bus *bus, struct bus_letter *letter)
{
    if (bus != NULL && letter->size > 0)
        metric_sub_shared(&bus->metrics->waiting_in, letter->size);
    message_unref(letter->head);
    free(letter);
}

#endif
