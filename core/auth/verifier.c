// core/auth/verifier.c: see verifier.h. Checks wait in lines, one for each standing and address. The lines take turns,
// so that a new address waits for at most one check of each other address.
#include "auth/verifier.h"

#include "auth/hash.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "base/map.h"
#include "base/memory.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STANDINGS 3 // FAILURES_KNOWN, FAILURES_NEW, FAILURES_SUSPECT

/** The waiting checks of one address and one standing; at least one. */
struct line {
    struct map_node node;    // must be first: a pointer to it is cast to the line
    struct list_node turn;   // on the list of its standing
    struct list_head checks; // in the order of verifier_submit()
    size_t count;            // checks in this line
    unsigned char network[ADDRESS_BYTES];
};

struct verifier {
    pthread_mutex_t lock; // protects all fields below, except `failures` and `thread`
    pthread_cond_t changed;
    struct map lines;                  // key: standing and network
    struct list_head turns[STANDINGS]; // the lines of each standing, in the order in which they take turns
    size_t waiting;                    // checks in all lines
    unsigned turn;
    bool running;
    uint64_t computed;
    struct failures *failures;
    pthread_t thread;
};

struct check *check_create(struct handle owner, struct span phrase, const char *hash, bool pretended,
                           const char *address, const struct failures_key *key)
{
    size_t hash_bytes = strlen(hash);
    struct check *check = memory_zero(1, sizeof *check + phrase.length + 1 + hash_bytes + 1);

    check->owner = owner;
    check->since_ms = clock_ms();
    check->pretended = pretended;
    check->phrase_bytes = phrase.length;
    check->hash = check->texts + phrase.length + 1;
    check->key = *key;
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
    map_init(&verifier->lines, false);
    verifier->failures = failures;
    return verifier;
}

void verifier_destroy(struct verifier *verifier)
{
    if (verifier == NULL)
        return;
    map_fini(&verifier->lines);
    pthread_cond_destroy(&verifier->changed);
    pthread_mutex_destroy(&verifier->lock);
    free(verifier);
}

static void verifier_return(struct check *check, enum check_verdict verdict)
{
    check->verdict = verdict;
    OPENSSL_cleanse(check->texts, check->phrase_bytes);
    mailbox_put(check->to, &check->letter);
}

// --- lines; all with the lock ----------------------------------------------------------------------------------------

static struct line *verifier_find_line(const struct verifier *verifier, uint32_t standing, const unsigned char *network)
{
    struct span key = {(const char *)network, ADDRESS_BYTES};

    return (struct line *)(void *)map_find(&verifier->lines, standing, key);
}

static struct line *verifier_add_line(struct verifier *verifier, uint32_t standing, const unsigned char *network)
{
    struct line *line = memory_zero(1, sizeof *line);

    memcpy(line->network, network, sizeof line->network);
    map_add(&verifier->lines, &line->node, standing, (struct span){(const char *)line->network, sizeof line->network});
    list_add_last(&verifier->turns[standing], &line->turn);
    return line;
}

/** Takes the first check out of `line`, and frees the line if it is empty then. */
static struct check *verifier_take_from(struct verifier *verifier, uint32_t standing, struct line *line)
{
    struct check *check = LIST_OBJECT(list_take_first(&line->checks), struct check, place);

    line->count--;
    verifier->waiting--;
    if (line->count > 0)
        return check;
    list_remove(&verifier->turns[standing], &line->turn);
    map_remove(&verifier->lines, &line->node);
    free(line);
    return check;
}

/** Takes the next check. Better standings come first, but each standing is first in at least one of eight turns. The
 *  line of the check goes to the end of its list.
 *  @return NULL: none waits */
static struct check *verifier_take(struct verifier *verifier)
{
    static const unsigned char order[8][STANDINGS] = {{0, 1, 2}, {0, 1, 2}, {0, 1, 2}, {1, 0, 2},
                                                      {0, 1, 2}, {0, 1, 2}, {0, 1, 2}, {2, 0, 1}};
    const unsigned char *standings = order[verifier->turn++ % 8];

    for (size_t i = 0; i < STANDINGS; i++) {
        struct list_head *turns = &verifier->turns[standings[i]];
        struct line *line = LIST_FIRST(turns, struct line, turn);
        if (line == NULL)
            continue;
        list_remove(turns, &line->turn);
        list_add_last(turns, &line->turn);
        return verifier_take_from(verifier, standings[i], line);
    }
    return NULL;
}

/** Takes out the check that a new one displaces when no place is left: one of the lowest standing, from the longest
 *  line. @param standing  of the new check  @param count  checks of its address that wait @return NULL: none, because
 *  the new one has the lowest priority */
static struct check *verifier_displace(struct verifier *verifier, uint32_t standing, size_t count)
{
    for (uint32_t worst = STANDINGS; worst-- > standing;) {
        struct line *longest = LIST_FIRST(&verifier->turns[worst], struct line, turn);
        if (longest == NULL)
            continue;
        for (struct line *line = longest; line != NULL; line = LIST_NEXT(line, struct line, turn)) {
            if (line->count > longest->count)
                longest = line;
        }
        if (worst == standing && longest->count <= count + 1)
            return NULL;
        return verifier_take_from(verifier, worst, longest);
    }
    return NULL;
}

/** Puts `check` into its line. @param displaced  set to the check that it displaces, or NULL
 *  @return false: there is no place for it */
static bool verifier_enqueue(struct verifier *verifier, struct check *check, uint32_t standing,
                             struct check **displaced)
{
    struct line *line = verifier_find_line(verifier, standing, check->key.network);
    size_t count = line == NULL ? 0 : line->count;

    *displaced = NULL;
    if (!verifier->running || count >= VERIFIER_LINE)
        return false;
    if (verifier->waiting >= VERIFIER_WAITING) {
        *displaced = verifier_displace(verifier, standing, count);
        if (*displaced == NULL)
            return false;
        line = verifier_find_line(verifier, standing, check->key.network); // the displaced one may have been its last
    }
    if (line == NULL)
        line = verifier_add_line(verifier, standing, check->key.network);
    list_add_last(&line->checks, &check->place);
    line->count++;
    verifier->waiting++;
    pthread_cond_signal(&verifier->changed);
    return true;
}

// --- checks ----------------------------------------------------------------------------------------------------------

void verifier_submit(struct verifier *verifier, struct check *check, struct mailbox *to)
{
    enum failures_standing standing = failures_standing(verifier->failures, &check->key, clock_ms());
    struct check *displaced;
    bool taken;

    check->to = to;
    if (standing == FAILURES_REFUSED) {
        verifier_return(check, CHECK_REFUSED);
        return;
    }
    pthread_mutex_lock(&verifier->lock);
    taken = verifier_enqueue(verifier, check, standing, &displaced);
    pthread_mutex_unlock(&verifier->lock);
    if (displaced != NULL)
        verifier_return(displaced, CHECK_BUSY);
    if (!taken)
        verifier_return(check, CHECK_BUSY);
}

static enum check_verdict verifier_compute(struct verifier *verifier, struct check *check)
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
    failures_add(verifier->failures, &check->key, clock_ms());
    return CHECK_WRONG;
}

/** Checks a secret, unless it was abandoned or its user is refused: the failures are looked up again, because earlier
 *  checks of the same user may have failed while this one waited. */
static void verifier_judge(struct verifier *verifier, struct check *check)
{
    if (atomic_load_explicit(&check->abandoned, memory_order_relaxed))
        verifier_return(check, CHECK_BUSY);
    else if (failures_is_refused(verifier->failures, &check->key, clock_ms()))
        verifier_return(check, CHECK_REFUSED);
    else
        verifier_return(check, verifier_compute(verifier, check));
}

static void *verifier_run(void *argument)
{
    struct verifier *verifier = argument;

    pthread_mutex_lock(&verifier->lock);
    while (verifier->running) {
        struct check *check = verifier_take(verifier);
        if (check == NULL) {
            pthread_cond_wait(&verifier->changed, &verifier->lock);
            continue;
        }
        pthread_mutex_unlock(&verifier->lock);
        verifier_judge(verifier, check);
        pthread_mutex_lock(&verifier->lock);
    }
    pthread_mutex_unlock(&verifier->lock);
    return NULL;
}

bool verifier_start(struct verifier *verifier, struct error *err)
{
    sigset_t all, before;
    int failure;

    sigfillset(&all); // the event loops handle signals
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_mutex_lock(&verifier->lock);
    failure = pthread_create(&verifier->thread, NULL, verifier_run, verifier);
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
        pthread_mutex_lock(&verifier->lock); // other threads may still submit
        check = verifier_take(verifier);
        pthread_mutex_unlock(&verifier->lock);
        if (check != NULL)
            verifier_return(check, CHECK_BUSY);
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
