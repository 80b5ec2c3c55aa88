// core/auth/verifier.c: see verifier.h. A line per address, served in turn: a new address waits for at most one check
// of each other, however many these have sent.
#include "auth/verifier.h"

#include "auth/hash.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** The checks of one address that wait. */
struct line {
    struct address party;
    struct check *first, *last; // NULL: the line is free
    size_t count;
};

struct verifier {
    pthread_mutex_t lock; // of all below, but `failures` and `thread`
    pthread_cond_t changed;
    struct line lines[VERIFIER_PARTIES];
    size_t turn; // where the search for the next one begins
    bool running;
    uint64_t computed;
    struct failures *failures;
    pthread_t thread;
};

struct check *check_create(struct handle owner, struct span phrase, const char *hash, bool pretended,
                           const char *address)
{
    size_t hash_bytes = strlen(hash);
    struct check *check = memory_zero(1, sizeof *check + phrase.length + 1 + hash_bytes + 1);

    check->owner = owner;
    check->since_ms = clock_ms();
    check->pretended = pretended;
    check->phrase_bytes = phrase.length;
    check->hash = check->texts + phrase.length + 1;
    check->party = address_party(address);
    snprintf(check->address, sizeof check->address, "%s", address);
    atomic_init(&check->abandoned, false);
    if (phrase.length > 0)
        memcpy(check->texts, phrase.bytes, phrase.length);
    memcpy(check->texts + phrase.length + 1, hash, hash_bytes);
    return check;
}

void check_abandon(struct check *check)
{
    check->owner = (struct handle){0};
    atomic_store_explicit(&check->abandoned, true, memory_order_relaxed);
}

void check_destroy(struct check *check)
{
    OPENSSL_cleanse(check->texts, check->phrase_bytes + strlen(check->hash) + 1);
    free(check);
}

struct verifier *verifier_create(struct failures *failures)
{
    struct verifier *verifier = memory_zero(1, sizeof *verifier);

    pthread_mutex_init(&verifier->lock, NULL);
    pthread_cond_init(&verifier->changed, NULL);
    verifier->failures = failures;
    return verifier;
}

void verifier_destroy(struct verifier *verifier)
{
    if (verifier == NULL)
        return;
    pthread_cond_destroy(&verifier->changed);
    pthread_mutex_destroy(&verifier->lock);
    free(verifier);
}

static void give_back(struct check *check, enum check_verdict verdict)
{
    check->verdict = verdict;
    OPENSSL_cleanse(check->texts, check->phrase_bytes);
    mailbox_put(check->to, &check->letter);
}

/** The line of that address, else a free one, else NULL. */
static struct line *line_of(struct verifier *verifier, const struct address *party)
{
    struct line *unused = NULL;

    for (size_t i = 0; i < VERIFIER_PARTIES; i++) {
        struct line *line = &verifier->lines[i];
        if (line->first == NULL)
            unused = line;
        else if (memcmp(line->party.bytes, party->bytes, sizeof party->bytes) == 0)
            return line;
    }
    return unused;
}

void verifier_submit(struct verifier *verifier, struct check *check, struct mailbox *to)
{
    struct line *line;
    bool taken = false;

    check->to = to;
    pthread_mutex_lock(&verifier->lock);
    line = line_of(verifier, &check->party);
    if (verifier->running && line != NULL && line->count < VERIFIER_LINE) {
        line->party = check->party;
        if (line->first == NULL)
            line->first = check;
        else
            line->last->next = check;
        line->last = check;
        line->count++;
        taken = true;
        pthread_cond_signal(&verifier->changed);
    }
    pthread_mutex_unlock(&verifier->lock);
    if (!taken)
        give_back(check, CHECK_BUSY);
}

/** The next check in turn; NULL: none waits. Called with the lock. */
static struct check *take(struct verifier *verifier)
{
    for (size_t i = 0; i < VERIFIER_PARTIES; i++) {
        struct line *line = &verifier->lines[(verifier->turn + i) % VERIFIER_PARTIES];
        struct check *check = line->first;
        if (check == NULL)
            continue;
        verifier->turn = (verifier->turn + i + 1) % VERIFIER_PARTIES;
        line->first = check->next;
        line->count--;
        return check;
    }
    return NULL;
}

static enum check_verdict compute(struct verifier *verifier, struct check *check)
{
    struct log_context log;
    uint64_t begin = clock_ms();
    enum hash_result result = hash_check(check->texts, check->hash);

    pthread_mutex_lock(&verifier->lock);
    verifier->computed++;
    pthread_mutex_unlock(&verifier->lock);
    snprintf(log.text, sizeof log.text, "session=%" PRIu64 " address=%s", check->session_id, check->address);
    log_debug(&log, "secret checked took_ms=%" PRIu64, clock_ms() - begin);
    if (result == HASH_FAILED) {
        log_error(&log, "secret not checked reason=\"no memory for its hash\"");
        return CHECK_BUSY;
    }
    if (result == HASH_RIGHT && !check->pretended)
        return CHECK_RIGHT;
    failures_add(verifier->failures, check->address, clock_ms());
    return CHECK_WRONG;
}

/** Failures are looked up here again: earlier checks of the same address may have failed while this one waited. */
static void judge(struct verifier *verifier, struct check *check)
{
    if (atomic_load_explicit(&check->abandoned, memory_order_relaxed))
        give_back(check, CHECK_BUSY);
    else if (failures_is_refused(verifier->failures, check->address, clock_ms()))
        give_back(check, CHECK_REFUSED);
    else
        give_back(check, compute(verifier, check));
}

static void *run(void *argument)
{
    struct verifier *verifier = argument;

    pthread_mutex_lock(&verifier->lock);
    while (verifier->running) {
        struct check *check = take(verifier);
        if (check == NULL) {
            pthread_cond_wait(&verifier->changed, &verifier->lock);
            continue;
        }
        pthread_mutex_unlock(&verifier->lock);
        judge(verifier, check);
        pthread_mutex_lock(&verifier->lock);
    }
    pthread_mutex_unlock(&verifier->lock);
    return NULL;
}

bool verifier_start(struct verifier *verifier, struct error *err)
{
    sigset_t all, before;
    int failure;

    sigfillset(&all); // signals are for the loops
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_mutex_lock(&verifier->lock);
    failure = pthread_create(&verifier->thread, NULL, run, verifier);
    verifier->running = failure == 0;
    pthread_mutex_unlock(&verifier->lock);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failure == 0 || error_set(err, "cannot start the thread that checks secrets: %s", strerror(failure));
}

void verifier_stop(struct verifier *verifier)
{
    struct check *check;
    bool running;

    if (verifier == NULL)
        return;
    pthread_mutex_lock(&verifier->lock);
    running = verifier->running;
    verifier->running = false;
    pthread_cond_signal(&verifier->changed);
    pthread_mutex_unlock(&verifier->lock);
    if (running)
        pthread_join(verifier->thread, NULL);
    do {
        pthread_mutex_lock(&verifier->lock); // who submits now looks at the lines, too
        check = take(verifier);
        pthread_mutex_unlock(&verifier->lock);
        if (check != NULL)
            give_back(check, CHECK_BUSY);
    } while (check != NULL);
}

uint64_t verifier_count(struct verifier *verifier)
{
    uint64_t count;

    pthread_mutex_lock(&verifier->lock);
    count = verifier->computed;
    pthread_mutex_unlock(&verifier->lock);
    return count;
}
