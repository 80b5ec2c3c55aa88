// core/auth/revocations.c: see revocations.h.
#include "auth/revocations.h"

#include "auth/revocations_file.h"
#include "auth/token.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "base/memory.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOCK_WAIT_MS 2000 // how long somebody waits for another process that holds the file's lock

/** Somebody who waits until the file is written. */
struct waiter {
    struct list_node node;
    struct letter *done;
    char *reason;
    size_t size;
    struct mailbox *to;
};

struct revocations {
    pthread_mutex_t lock; // protects the fields up to `running`
    pthread_cond_t changed;
    struct revocations_set set;
    char *path;               // NULL: none
    bool known;               // the file was read, and could be at the last look
    bool path_is_new;         // it is another one since the last look
    bool unsaved;             // the file lacks what could not be written: it is tried again
    struct list_head waiters; // of struct waiter
    bool running;
    atomic_uint_least64_t generation;
    pthread_t thread;
    // the thread's:
    struct revocations_looks seen;
    bool failed; // the last look failed, and the log says so
};

struct revocations *revocations_create(void)
{
    struct revocations *store = memory_zero(1, sizeof *store);
    pthread_condattr_t monotonic;

    pthread_mutex_init(&store->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&store->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    revocations_set_init(&store->set);
    return store;
}

void revocations_destroy(struct revocations *store)
{
    if (store == NULL)
        return;
    revocations_set_fini(&store->set);
    pthread_cond_destroy(&store->changed);
    pthread_mutex_destroy(&store->lock);
    free(store->path);
    free(store);
}

static void revocations_touch(struct revocations *store)
{
    atomic_fetch_add_explicit(&store->generation, 1, memory_order_release);
}

void revocations_set_path(struct revocations *store, const char *path)
{
    pthread_mutex_lock(&store->lock);
    bool same = path == NULL || store->path == NULL ? path == store->path : strcmp(path, store->path) == 0;
    if (!same) {
        free(store->path);
        store->path = memory_text(path);
        store->known = false;
        store->path_is_new = true;
        revocations_touch(store);
    }
    pthread_cond_signal(&store->changed);
    pthread_mutex_unlock(&store->lock);
}

// --- questions --------------------------------------------------------------------------------------------------

bool revocations_are_known(struct revocations *store)
{
    pthread_mutex_lock(&store->lock);
    bool known = store->known;
    pthread_mutex_unlock(&store->lock);
    return known;
}

uint64_t revocations_until(struct revocations *store, struct span user, struct span label)
{
    pthread_mutex_lock(&store->lock);
    const struct revoked *one = revocations_set_find(&store->set, user, label),
                         *all = revocations_set_find(&store->set, user, span_of("*"));
    uint64_t until_us = one == NULL ? 0 : one->made_us;
    if (all != NULL && all->made_us > until_us)
        until_us = all->made_us;
    pthread_mutex_unlock(&store->lock);
    return until_us;
}

bool revocations_has(struct revocations *store, struct span user, struct span label, uint64_t made_us)
{
    uint64_t until_us = revocations_until(store, user, label);

    return until_us != 0 && made_us <= until_us;
}

uint64_t revocations_generation(const struct revocations *store)
{
    return atomic_load_explicit(&store->generation, memory_order_acquire);
}

struct visiting {
    void (*visit)(void *visitor, const struct revocation *);
    void *visitor;
};

static void visit_one(void *visitor, const struct revoked *revoked)
{
    const struct visiting *visiting = visitor;

    visiting->visit(visiting->visitor, &(struct revocation){.user = revocations_user(revoked),
                                                            .label = revoked->key,
                                                            .made_us = revoked->made_us,
                                                            .until_s = revoked->until_s});
}

void revocations_each(struct revocations *store, void (*visit)(void *visitor, const struct revocation *), void *visitor)
{
    pthread_mutex_lock(&store->lock);
    revocations_set_each(&store->set, visit_one, &(struct visiting){visit, visitor});
    pthread_mutex_unlock(&store->lock);
}

bool revocations_check(const char *path, struct error *err)
{
    struct revocations_set set;

    revocations_set_init(&set);
    bool fine = revocations_read(path, &set, err);
    revocations_set_fini(&set);
    return fine;
}

// --- the thread -------------------------------------------------------------------------------------------------

/** Takes over what was read. @param err  why it could not be; empty: it was */
static void revocations_take(struct revocations *store, const char *path, const struct revocations_set *read,
                             struct error *err)
{
    char quoted[600], name[600];

    pthread_mutex_lock(&store->lock);
    bool changed = false;
    if (store->path != NULL && strcmp(path, store->path) == 0 && !revocations_set_merge(&store->set, read, &changed))
        error_set(err, "with those of this process, it has more than %d revocations", REVOCATIONS_MOST);
    bool fine = err->text[0] == '\0';
    if (store->path != NULL && strcmp(path, store->path) == 0) {
        changed = changed || store->known != fine;
        store->known = fine;
        if (changed)
            revocations_touch(store);
    }
    pthread_mutex_unlock(&store->lock);
    if (!fine && !store->failed)
        log_error(NULL, "revoked tokens not read, no token is accepted file=%s reason=%s",
                  log_text(name, sizeof name, path), log_text(quoted, sizeof quoted, err->text));
    else if (fine && store->failed)
        log_info(NULL, "revoked tokens read again file=%s", log_text(name, sizeof name, path));
    store->failed = !fine;
}

/** Reads the file if it has changed, or could not be read before. */
static void revocations_look(struct revocations *store, const char *path, bool is_new)
{
    struct revocations_set read;
    struct error err = {""};
    struct revocations_looks looks = revocations_look_at(path);

    if (!is_new && !store->failed && revocations_looks_equal(&looks, &store->seen))
        return;
    store->seen = looks;
    revocations_set_init(&read);
    if (!revocations_read(path, &read, &err) && err.text[0] == '\0')
        error_set(&err, "it cannot be read");
    if (err.text[0] != '\0') { // of a damaged file nothing counts
        revocations_set_fini(&read);
        revocations_set_init(&read);
    }
    revocations_take(store, path, &read, &err);
    revocations_set_fini(&read);
}

/** Writes the file: what it has by now, and what is known here. @return false: `err` is set */
static bool revocations_save(struct revocations *store, const char *path, uint64_t wait_ms, struct error *err)
{
    int lock = revocations_lock(path, wait_ms, err);
    struct revocations_set all;

    if (lock == -1)
        return false;
    revocations_set_init(&all);
    bool fine = revocations_read(path, &all, err);
    if (fine) {
        bool changed;
        pthread_mutex_lock(&store->lock);
        fine = revocations_set_merge(&all, &store->set, &changed);
        pthread_mutex_unlock(&store->lock);
        fine = fine ? revocations_write(path, &all, (uint64_t)time(NULL), err)
                    : error_set(err, "it would have more than %d revocations", REVOCATIONS_MOST);
    }
    revocations_set_fini(&all);
    close(lock);
    return fine;
}

/** Answers the waiters. @param reason  NULL: the file is written */
static void revocations_answer(struct list_head *waiters, const char *reason)
{
    for (struct list_node *node; (node = list_take_first(waiters)) != NULL;) {
        struct waiter *waiter = LIST_OBJECT(node, struct waiter, node);
        snprintf(waiter->reason, waiter->size, "%s", reason == NULL ? "" : reason);
        mailbox_put(waiter->to, waiter->done);
        free(waiter);
    }
}

/** Does one round: looks at the file, and writes it for those who wait, or because it could not be written before.
 *  Called with the lock, which it gives up meanwhile. */
static void revocations_round(struct revocations *store)
{
    char *path = memory_text(store->path);
    struct list_head waiters = store->waiters;
    bool is_new = store->path_is_new, is_asked = waiters.first != NULL;
    bool saves = is_asked || (store->unsaved && path != NULL);
    struct error err = {""}, why = {""};

    store->waiters = (struct list_head){0};
    store->path_is_new = false;
    pthread_mutex_unlock(&store->lock);
    if (path != NULL)
        revocations_look(store, path, is_new);
    bool saved = saves && path != NULL && revocations_save(store, path, is_asked ? LOCK_WAIT_MS : 0, &err);
    if (is_asked && path == NULL)
        error_set(&err, "there is no file for it (auth.revoked)");
    if (is_asked && !saved) {
        error_set(&why, "The tokens are revoked only until the proxy ends: %s", err.text);
        log_error(NULL, "revocation not written reason=\"%s\"", err.text);
    } else if (saved && !is_asked) {
        log_info(NULL, "revocation written after all");
    }
    revocations_answer(&waiters, saved ? NULL : why.text);
    free(path);
    pthread_mutex_lock(&store->lock);
    if (saves)
        store->unsaved = !saved;
}

static void *revocations_run(void *argument)
{
    struct revocations *store = argument;
    struct timespec until;

    pthread_mutex_lock(&store->lock);
    while (store->running) {
        revocations_round(store);
        if (!store->running || store->waiters.first != NULL || store->path_is_new)
            continue;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec++;
        if (store->path == NULL)
            pthread_cond_wait(&store->changed, &store->lock);
        else
            pthread_cond_timedwait(&store->changed, &store->lock, &until);
    }
    do
        revocations_round(store);
    while (store->waiters.first != NULL);
    pthread_mutex_unlock(&store->lock);
    return NULL;
}

bool revocations_start(struct revocations *store, struct error *err)
{
    sigset_t all, before;
    int failure;

    pthread_mutex_lock(&store->lock);
    revocations_round(store); // before the first login
    sigfillset(&all);         // the event loops handle signals
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failure = pthread_create(&store->thread, NULL, revocations_run, store);
    store->running = failure == 0;
    pthread_mutex_unlock(&store->lock);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failure == 0 || error_set(err, "cannot start the thread for revoked tokens: %s", strerror(failure));
}

void revocations_stop(struct revocations *store)
{
    bool running;

    if (store == NULL)
        return;
    pthread_mutex_lock(&store->lock);
    running = store->running;
    store->running = false;
    pthread_cond_signal(&store->changed);
    pthread_mutex_unlock(&store->lock);
    if (running)
        pthread_join(store->thread, NULL);
    revocations_answer(&store->waiters, "The proxy ends");
}

struct counting {
    struct span user;
    size_t count;
};

static void count_one(void *visitor, const struct revoked *revoked)
{
    struct counting *counting = visitor;

    counting->count += span_equals(counting->user, span_of(revocations_user(revoked)));
}

/** Adds a revocation of a client, with the lock. @return NULL; else why it cannot be */
static const char *revocations_note(struct revocations *store, struct span user, struct span label)
{
    struct counting counting = {user, 0};
    int64_t seconds;
    int32_t microseconds;

    clock_wall(&seconds, &microseconds);
    uint64_t now_s = (uint64_t)seconds, made_us = (now_s + TOKEN_SKEW_S) * 1000000 + (uint64_t)microseconds;
    bool is_new = revocations_set_find(&store->set, user, label) == NULL && !span_equals(label, span_of("*"));
    if (is_new)
        revocations_set_each(&store->set, count_one, &counting);
    if (counting.count >= REVOCATIONS_OF_USER)
        return "Too many revoked labels of this user: revoke all (Label: *)";
    return revocations_set_add(&store->set, user, label, made_us, now_s + TOKEN_LONGEST_S)
               ? NULL
               : "Too many revocations, or a name that no token can have";
}

void revocations_add(struct revocations *store, struct span user, struct span label, struct letter *done, char *reason,
                     size_t size, struct mailbox *to)
{
    pthread_mutex_lock(&store->lock);
    const char *fault = revocations_note(store, user, label);
    bool waits = fault == NULL && store->running;
    if (waits) {
        struct waiter *waiter = memory_zero(1, sizeof *waiter);
        *waiter = (struct waiter){.done = done, .reason = reason, .size = size, .to = to};
        list_add_last(&store->waiters, &waiter->node);
        pthread_cond_signal(&store->changed);
    }
    revocations_touch(store);
    pthread_mutex_unlock(&store->lock);
    if (waits)
        return;
    snprintf(reason, size, "%s", fault == NULL ? "The proxy ends" : fault);
    mailbox_put(to, done);
}
