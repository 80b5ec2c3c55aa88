// core/bus/library.c: see library.h.
#include "bus/library.h"

#include "base/log.h"

#ifdef AMP_WITH_NATS

#include <nats/nats.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdlib.h>

#define CLOSE_WAIT_MS 2000 // for libnats's threads to end

// Global: libnats has one state for the process; the last one who uses it waits for its threads.
static pthread_mutex_t library_lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned library_users; // Global: under library_lock

static void free_method(SSL_COMP *method)
{
    OPENSSL_free(method);
}

/** At the exit libnats frees OpenSSL's list of compression methods, if it has used TLS, and then OpenSSL frees it
 * again. So it is freed here, before both, and neither finds one. */
static void free_methods(void)
{
    sk_SSL_COMP_pop_free(SSL_COMP_set0_compression_methods(NULL), free_method);
}

/** Functions of atexit() run in the reverse order of their registration, and libnats registers its own when it is
 * opened. */
static void run_before_libnats(void)
{
    atexit(free_methods);
}

bool library_open(struct error *err)
{
    // Global: atexit() once for the process.
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    natsStatus status = NATS_OK;

    pthread_mutex_lock(&library_lock);
    if (library_users == 0) {
        status = nats_Open(-1);
        if (status == NATS_OK) // one thread delivers, so that the order is kept over all subjects
            status = nats_SetMessageDeliveryPoolSize(1);
    }
    if (status == NATS_OK) {
        pthread_once(&once, run_before_libnats);
        library_users++;
    }
    pthread_mutex_unlock(&library_lock);
    return status == NATS_OK || error_set(err, "libnats: %s", natsStatus_GetText(status));
}

void library_close(void)
{
    pthread_mutex_lock(&library_lock);
    natsStatus status = --library_users == 0 ? nats_CloseAndWait(CLOSE_WAIT_MS) : NATS_OK;
    pthread_mutex_unlock(&library_lock);
    if (status != NATS_OK)
        log_debug(NULL, "libnats still has threads status=\"%s\"", natsStatus_GetText(status));
}

#endif
