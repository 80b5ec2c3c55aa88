// core/net/resolver.c: see resolver.h. A lookup's thread uses only the lookup and the post box, which have reference
// counts, because the resolver may be gone when the lookup ends.
#include "net/resolver.h"

#include "base/list.h"
#include "base/memory.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <unistd.h>

/** Where threads leave their results. Counted: one reference of the resolver, and one for each lookup. */
struct postbox {
    pthread_mutex_t lock; // protects all fields below
    size_t references;
    struct lookup *done; // newest first
    int wake_fd;         // eventfd; -1: the resolver is gone
};

/** One lookup. It belongs to its thread until it is in the box, then to the loop. */
struct lookup {
    struct list_node of_resolver;     // always the loop's
    struct resolver_request *request; // the same; NULL: cancelled
    struct lookup *next_done;
    struct postbox *box; // one reference
    resolver_lookup *look_up;
    struct addrinfo *found;
    int failure, error; // of getaddrinfo(), and errno if that is EAI_SYSTEM
    char service[8];
    char host[];
};

struct resolver_request {
    struct list_node waiting; // in the resolver's list until it has a thread
    struct lookup *lookup;    // NULL: it waits
    resolver_callback *callback;
    void *context;
    char service[8];
    char host[];
};

struct resolver {
    struct event *wake;
    struct postbox *box;
    resolver_lookup *look_up;
    struct list_head waiting; // requests without a thread
    struct list_head lookups; // each has a thread
    size_t count;             // of lookups
};

// --- the post box -----------------------------------------------------------------------------------------------

/** Drops a reference. Called with the lock, which it releases. */
static void leave_box(struct postbox *box)
{
    bool last = --box->references == 0;

    pthread_mutex_unlock(&box->lock);
    if (!last)
        return;
    pthread_mutex_destroy(&box->lock);
    free(box);
}

static void free_lookup(struct lookup *lookup)
{
    struct postbox *box = lookup->box;

    if (lookup->found != NULL)
        freeaddrinfo(lookup->found);
    free(lookup);
    pthread_mutex_lock(&box->lock);
    leave_box(box);
}

/** Passes the result to the loop; frees it if the resolver is gone. */
static void lookup_post(struct lookup *lookup)
{
    struct postbox *box = lookup->box;
    bool open;

    pthread_mutex_lock(&box->lock);
    open = box->wake_fd != -1;
    if (open) {
        lookup->next_done = box->done;
        box->done = lookup;
        (void)!write(box->wake_fd, &(uint64_t){1}, sizeof(uint64_t)); // a full counter wakes, too
    }
    pthread_mutex_unlock(&box->lock);
    if (!open)
        free_lookup(lookup);
}

static void *resolver_run(void *argument)
{
    static const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct lookup *lookup = argument;

    lookup->failure = lookup->look_up(lookup->host, lookup->service, &hints, &lookup->found);
    lookup->error = errno;
    lookup_post(lookup);
    return NULL;
}

// --- lookups ----------------------------------------------------------------------------------------------------

static void start_thread(struct lookup *lookup)
{
    pthread_attr_t detached;
    sigset_t all, before;
    pthread_t thread;
    int failure;

    sigfillset(&all); // signals are for the loops
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    failure = pthread_create(&thread, &detached, resolver_run, lookup);
    pthread_attr_destroy(&detached);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failure == 0)
        return;
    lookup->failure = EAI_SYSTEM;
    lookup->error = failure;
    lookup_post(lookup);
}

static void resolver_begin(struct resolver *resolver, struct resolver_request *request)
{
    size_t size = strlen(request->host) + 1;
    struct lookup *lookup = memory_zero(1, sizeof *lookup + size);

    memcpy(lookup->host, request->host, size);
    memcpy(lookup->service, request->service, sizeof lookup->service);
    lookup->look_up = resolver->look_up;
    lookup->request = request;
    request->lookup = lookup;
    list_add_first(&resolver->lookups, &lookup->of_resolver);
    resolver->count++;
    lookup->box = resolver->box;
    pthread_mutex_lock(&lookup->box->lock);
    lookup->box->references++;
    pthread_mutex_unlock(&lookup->box->lock);
    start_thread(lookup);
}

static size_t threads_of(const struct resolver *resolver, const char *host)
{
    size_t count = 0;

    for (const struct lookup *lookup = LIST_FIRST(&resolver->lookups, struct lookup, of_resolver); lookup != NULL;
         lookup = LIST_NEXT(lookup, struct lookup, of_resolver))
        count += strcasecmp(lookup->host, host) == 0;
    return count;
}

/** Starts threads for waiting requests, as far as the limits allow. */
static void begin_next(struct resolver *resolver)
{
    struct resolver_request *next;

    for (struct resolver_request *request = LIST_FIRST(&resolver->waiting, struct resolver_request, waiting);
         request != NULL; request = next) {
        next = LIST_NEXT(request, struct resolver_request, waiting);
        if (resolver->count >= RESOLVER_THREADS)
            return;
        if (threads_of(resolver, request->host) >= RESOLVER_THREADS_OF_A_NAME)
            continue;
        list_remove(&resolver->waiting, &request->waiting);
        resolver_begin(resolver, request);
    }
}

static void resolver_finish(struct resolver *resolver, struct lookup *lookup)
{
    struct resolver_request *request = lookup->request;
    struct addrinfo *found = lookup->failure == 0 ? lookup->found : NULL;
    const char *reason = lookup->failure == EAI_SYSTEM ? strerror(lookup->error) : gai_strerror(lookup->failure);

    list_remove(&resolver->lookups, &lookup->of_resolver);
    resolver->count--;
    if (request != NULL) {
        if (found != NULL)
            lookup->found = NULL; // theirs now
        request->callback(found, found != NULL ? NULL : reason, request->context);
        free(request);
    }
    free_lookup(lookup);
}

static void on_wake(evutil_socket_t fd, short what, void *argument)
{
    struct resolver *resolver = argument;
    struct lookup *done, *next, *oldest = NULL;
    uint64_t count;
    (void)what;

    (void)!read((int)fd, &count, sizeof count);
    pthread_mutex_lock(&resolver->box->lock);
    done = resolver->box->done;
    resolver->box->done = NULL;
    pthread_mutex_unlock(&resolver->box->lock);
    for (; done != NULL; done = next) {
        next = done->next_done;
        done->next_done = oldest;
        oldest = done;
    }
    for (; oldest != NULL; oldest = next) {
        next = oldest->next_done;
        resolver_finish(resolver, oldest);
    }
    begin_next(resolver);
}

// --- interface --------------------------------------------------------------------------------------------------

struct resolver *resolver_create(struct event_base *base, resolver_lookup *lookup)
{
    struct resolver *resolver;
    int wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

    if (wake_fd == -1)
        return NULL;
    resolver = memory_zero(1, sizeof *resolver);
    resolver->look_up = lookup != NULL ? lookup : getaddrinfo;
    resolver->box = memory_zero(1, sizeof *resolver->box);
    pthread_mutex_init(&resolver->box->lock, NULL);
    resolver->box->references = 1;
    resolver->box->wake_fd = wake_fd;
    resolver->wake = event_new(base, wake_fd, EV_READ | EV_PERSIST, on_wake, resolver);
    event_add(resolver->wake, NULL);
    return resolver;
}

void resolver_destroy(struct resolver *resolver)
{
    struct postbox *box;
    struct lookup *done, *next;
    struct list_node *node;

    if (resolver == NULL)
        return;
    while ((node = list_take_first(&resolver->waiting)) != NULL)
        free(LIST_OBJECT(node, struct resolver_request, waiting));
    for (const struct lookup *lookup = LIST_FIRST(&resolver->lookups, struct lookup, of_resolver); lookup != NULL;
         lookup = LIST_NEXT(lookup, struct lookup, of_resolver))
        free(lookup->request);
    event_free(resolver->wake);
    box = resolver->box;
    pthread_mutex_lock(&box->lock);
    close(box->wake_fd);
    box->wake_fd = -1;
    done = box->done;
    box->done = NULL;
    pthread_mutex_unlock(&box->lock);
    for (; done != NULL; done = next) {
        next = done->next_done;
        free_lookup(done);
    }
    pthread_mutex_lock(&box->lock);
    leave_box(box);
    free(resolver);
}

struct resolver_request *resolver_ask(struct resolver *resolver, const char *host, uint16_t port,
                                      resolver_callback *callback, void *context)
{
    size_t size = strlen(host) + 1;
    struct resolver_request *request = memory_zero(1, sizeof *request + size);

    memcpy(request->host, host, size);
    snprintf(request->service, sizeof request->service, "%u", port);
    request->callback = callback;
    request->context = context;
    list_add_last(&resolver->waiting, &request->waiting);
    begin_next(resolver);
    return request;
}

void resolver_cancel(struct resolver *resolver, struct resolver_request *request)
{
    if (request->lookup != NULL)
        request->lookup->request = NULL; // its thread cannot be stopped; its result is freed
    else
        list_remove(&resolver->waiting, &request->waiting);
    free(request);
}

struct addrinfo *resolver_literal(const char *host, uint16_t port)
{
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char service[8];

    snprintf(service, sizeof service, "%u", port);
    return getaddrinfo(host, service, &hints, &found) == 0 ? found : NULL;
}
