// core/run/loader.c: see loader.h.
#include "run/loader.h"

#include "base/memory.h"
#include "base/spares.h"

#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

struct loader {
    struct mailbox jobs, finished;
    struct event *wake; // on the owner's loop: `finished`
    pthread_t thread;
    struct letter end;    // the last letter: ends the thread
    pthread_mutex_t lock; // protects the fields below
    pthread_cond_t ended; // `has_ended` was set
    bool started;         // there is a thread
    bool told_to_end;     // it gets `end`
    bool has_ended;       // it does no more jobs
    bool stopped;         // no thread is started any more
};

enum { LOADER_JOB, LOADER_END };

/** Does a job. @return true: the job frees itself; false: it returns to the loop */
static bool loader_run(struct loader_job *job)
{
    bool taken = job->done == NULL;

    job->work(job); // may free it
    return taken;
}

static void *run_thread(void *argument)
{
    struct loader *loader = argument;
    struct pollfd wake = {.fd = loader->jobs.wake_fd, .events = POLLIN};
    struct letter *next;

    for (bool ends = false; !ends;) {
        if (poll(&wake, 1, -1) == -1 && errno != EINTR)
            break;
        mailbox_clear_wakeup(&loader->jobs);
        for (struct letter *letter = mailbox_take(&loader->jobs); letter != NULL; letter = next) {
            next = letter->next;
            if (letter->kind == LOADER_END)
                ends = true;
            else if (!loader_run((struct loader_job *)letter))
                mailbox_put(&loader->finished, letter);
            spares_end(); // of messages that a job has freed: this thread makes none
        }
    }
    pthread_mutex_lock(&loader->lock);
    loader->has_ended = true;
    pthread_cond_signal(&loader->ended);
    pthread_mutex_unlock(&loader->lock);
    return NULL;
}

static void on_finished(evutil_socket_t fd, short what, void *argument)
{
    struct loader *loader = argument;
    struct letter *next;
    (void)fd;
    (void)what;

    mailbox_clear_wakeup(&loader->finished);
    for (struct letter *letter = mailbox_take(&loader->finished); letter != NULL; letter = next) {
        struct loader_job *job = (struct loader_job *)letter;
        next = letter->next;
        job->done(job);
    }
}

struct loader *loader_create(struct event_base *base)
{
    struct loader *loader = memory_zero(1, sizeof *loader);
    pthread_condattr_t monotonic;

    if (!mailbox_init(&loader->jobs)) {
        free(loader);
        return NULL;
    }
    if (!mailbox_init(&loader->finished)) {
        mailbox_fini(&loader->jobs);
        free(loader);
        return NULL;
    }
    pthread_mutex_init(&loader->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&loader->ended, &monotonic);
    pthread_condattr_destroy(&monotonic);
    loader->wake = event_new(base, loader->finished.wake_fd, EV_READ | EV_PERSIST, on_finished, loader);
    event_add(loader->wake, NULL);
    return loader;
}

/** Starts the thread, with the signals of the process blocked: they are for the main thread. @return false: no thread
 *  could be started */
static bool loader_start(struct loader *loader)
{
    sigset_t all, before;

    pthread_mutex_lock(&loader->lock);
    if (!loader->started && !loader->stopped) {
        sigfillset(&all);
        sigdelset(&all, SIGRTMIN + 3); // script/watchdog.h: ends a script that runs too long while it is loaded
        pthread_sigmask(SIG_SETMASK, &all, &before);
        loader->started = pthread_create(&loader->thread, NULL, run_thread, loader) == 0;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    bool started = loader->started;
    pthread_mutex_unlock(&loader->lock);
    return started;
}

void loader_submit(struct loader *loader, struct loader_job *job)
{
    job->letter.kind = LOADER_JOB;
    if (loader_start(loader))
        mailbox_put(&loader->jobs, &job->letter);
    else if (!loader_run(job))
        mailbox_put(&loader->finished, &job->letter);
}

/** Returns the time of CLOCK_MONOTONIC in so many milliseconds. */
static struct timespec time_in(uint64_t ms)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    time.tv_nsec += (long)(ms % 1000) * 1000000;
    time.tv_sec += (time_t)(ms / 1000) + time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

bool loader_end_within(struct loader *loader, uint64_t limit_ms)
{
    struct timespec until = time_in(limit_ms);
    int failure = 0;

    if (loader == NULL)
        return true;
    pthread_mutex_lock(&loader->lock);
    if (loader->started && !loader->told_to_end) {
        loader->told_to_end = true;
        loader->end.kind = LOADER_END;
        mailbox_put(&loader->jobs, &loader->end);
    }
    while (loader->started && !loader->has_ended && failure == 0)
        failure = pthread_cond_timedwait(&loader->ended, &loader->lock, &until);
    bool runs = loader->started && !loader->has_ended;
    pthread_mutex_unlock(&loader->lock);
    return !runs;
}

/** No thread is started from now on. @return is there one? */
static bool forbid_start(struct loader *loader)
{
    pthread_mutex_lock(&loader->lock);
    loader->stopped = true;
    bool started = loader->started;
    pthread_mutex_unlock(&loader->lock);
    return started;
}

void loader_stop(struct loader *loader)
{
    struct letter *waiting = NULL, *next;

    if (loader == NULL)
        return;
    if (forbid_start(loader)) {
        (void)loader_end_within(loader, 0);
        pthread_join(loader->thread, NULL);
    }
    pthread_mutex_lock(&loader->lock);
    loader->started = false;
    pthread_mutex_unlock(&loader->lock);
    for (struct letter *letter = mailbox_take(&loader->finished); letter != NULL; letter = next) {
        next = letter->next;
        ((struct loader_job *)letter)->drop((struct loader_job *)letter);
    }
    waiting = mailbox_take(&loader->jobs);
    for (struct letter *letter = waiting; letter != NULL; letter = next) {
        struct loader_job *job = (struct loader_job *)letter;
        next = letter->next;
        if (letter->kind == LOADER_END)
            continue;
        if (job->done != NULL)
            job->drop(job);
        else
            job->work(job);
    }
}

void loader_destroy(struct loader *loader)
{
    if (loader == NULL)
        return;
    loader_stop(loader);
    event_free(loader->wake);
    mailbox_fini(&loader->jobs);
    mailbox_fini(&loader->finished);
    pthread_cond_destroy(&loader->ended);
    pthread_mutex_destroy(&loader->lock);
    free(loader);
}
