// core/bus/link_options.c: how a connection to a NATS server behaves, and who the node is there.
#include "bus/link_options.h"

#include "base/memory.h"

#ifdef AMP_WITH_NATS

#define CONNECT_MS 1000 // for all steps of a connection to a server
#define PING_MS 500     // a server that does not answer …
#define PINGS 2         // … so many of them is given up
#define WRITE_MS 1000   // a server that does not read for so long is given up

static natsStatus give_jwt(char **jwt, char **reason, void *closure)
{
    (void)reason;
    *jwt = memory_text(((const struct bus_identity *)closure)->jwt);
    return NATS_OK;
}

static natsStatus give_signature(char **reason, unsigned char **signature, int *length, const char *nonce,
                                 void *closure)
{
    (void)reason;
    return nats_Sign(((const struct bus_identity *)closure)->seed, nonce, signature, length);
}

static natsStatus set_encryption(natsOptions *options, const struct bus_identity *identity)
{
    natsStatus status = NATS_OK;

    if (!identity->encrypted)
        return NATS_OK;
    status = natsOptions_SetSecure(options, true);
    if (status == NATS_OK && identity->ca != NULL)
        status = natsOptions_SetCATrustedCertificates(options, identity->ca);
    if (status == NATS_OK && identity->certificate != NULL)
        status = natsOptions_SetCertificatesChain(options, identity->certificate, identity->key);
    if (status == NATS_OK && !identity->verify)
        status = natsOptions_SkipServerVerification(options, true);
    return status;
}

static natsStatus set_identity(natsOptions *options, struct bus_identity *identity)
{
    natsStatus status = natsOptions_SetName(options, identity->name);

    if (status == NATS_OK && identity->user != NULL)
        status = natsOptions_SetUserInfo(options, identity->user, identity->secret);
    if (status == NATS_OK && identity->jwt != NULL)
        status = natsOptions_SetUserCredentialsCallbacks(options, give_jwt, identity, give_signature, identity);
    if (status == NATS_OK && identity->nkey != NULL)
        status = natsOptions_SetNKey(options, identity->nkey, give_signature, identity);
    return status == NATS_OK ? set_encryption(options, identity) : status;
}

static natsStatus set_behaviour(natsOptions *options, const char *url)
{
    natsStatus results[] = {
        natsOptions_SetURL(options, url),
        natsOptions_SetAllowReconnect(options, false), // the bus thread makes a new one
        natsOptions_SetTimeout(options, CONNECT_MS),
        natsOptions_SetPingInterval(options, PING_MS),
        natsOptions_SetMaxPingsOut(options, PINGS),
        natsOptions_SetWriteDeadline(options, WRITE_MS),
        natsOptions_SetSendAsap(options, true), // else a thread of libnats waits a millisecond for more
        natsOptions_SetNoEcho(options, true),
        natsOptions_UseGlobalMessageDelivery(options, true), // one thread for all subjects, which keeps their order
    };

    for (size_t i = 0; i < sizeof results / sizeof *results; i++)
        if (results[i] != NATS_OK)
            return results[i];
    return NATS_OK;
}

natsStatus link_options_set(natsOptions *options, const char *url, struct bus_identity *identity)
{
    natsStatus status = set_behaviour(options, url);

    return status == NATS_OK ? set_identity(options, identity) : status;
}

#endif
