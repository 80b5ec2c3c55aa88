// core/bus/identity.c: see identity.h. Certificates are tried with a context of OpenSSL's, so that a wrong one is an
// error of the start and not of each connection.
#include "bus/identity.h"

#include "base/memory.h"
#include "config/source.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *reason_of_openssl(void)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason == NULL ? "it is not usable" : reason;
}

/** Do the files that the configuration names work? */
static bool check_files(const struct cluster_config *config, struct error *err)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    bool fine = context != NULL || error_set(err, "OpenSSL cannot make a context");

    ERR_clear_error();
    if (fine && config->tls.ca != NULL && SSL_CTX_load_verify_file(context, config->tls.ca) != 1)
        fine = error_set(err, "cluster.tls.ca: %s: %s", config->tls.ca, reason_of_openssl());
    if (fine && config->tls.certificate != NULL) {
        if (SSL_CTX_use_certificate_chain_file(context, config->tls.certificate) != 1)
            fine = error_set(err, "cluster.tls.certificate: %s: %s", config->tls.certificate, reason_of_openssl());
        else if (SSL_CTX_use_PrivateKey_file(context, config->tls.key, SSL_FILETYPE_PEM) != 1)
            fine = error_set(err, "cluster.tls.key: %s: %s", config->tls.key, reason_of_openssl());
    }
    SSL_CTX_free(context);
    ERR_clear_error();
    return fine;
}

/** @param path  NULL gives NULL @return false with `err` */
static bool read_text(const char *path, char **text, struct error *err)
{
    struct source file = {0};
    struct error reason;

    if (path == NULL)
        return true;
    if (!source_read(path, SOURCE_LIMIT, &file, &reason))
        return error_set(err, "cluster.tls: %s: %s", path, reason.text);
    *text = memory_text_of(file.bytes, file.length);
    source_fini(&file);
    return true;
}

/** Returns the line after the one that has `mark`, without blanks at its ends. NULL: there is none, or it is empty. The
 *  caller frees it. */
static char *line_after(const char *text, const char *mark)
{
    const char *begin = strstr(text, mark);

    if (begin == NULL)
        return NULL;
    begin += strcspn(begin, "\n");
    begin += strspn(begin, "\r\n\t ");
    size_t length = strcspn(begin, "\r\n\t ");
    return length == 0 || *begin == '-' ? NULL : memory_text_of(begin, length);
}

static bool read_credentials(struct bus_identity *identity, const struct cluster_config *config, struct error *err)
{
    identity->user = memory_text(config->user);
    identity->secret = memory_text(config->secret);
    identity->nkey = memory_text(config->nkey);
    identity->seed = memory_text(config->nkey_seed);
    if (config->credentials == NULL)
        return true;
    identity->jwt = line_after(config->credentials, "-----BEGIN NATS USER JWT-----");
    identity->seed = line_after(config->credentials, "-----BEGIN USER NKEY SEED-----");
    return (identity->jwt != NULL && identity->seed != NULL) ||
           error_set(err, "cluster.credentials_file: expected a JWT and a seed; found none");
}

static void copy_urls(struct bus_identity *identity, const struct cluster_config *config)
{
    identity->urls = memory_zero(config->bus_count, sizeof *identity->urls);
    identity->url_count = config->bus_count;
    for (size_t i = 0; i < config->bus_count; i++)
        identity->urls[i] = memory_text(config->bus[i]);
    identity->encrypted = config->bus_count > 0 && strncmp(config->bus[0], "tls:", 4) == 0;
    identity->verify = config->tls.verify;
}

bool bus_identity_init(struct bus_identity *identity, const struct cluster_config *config, struct error *err)
{
    char name[160];

    *identity = (struct bus_identity){0};
    snprintf(name, sizeof name, "astmanproxy %s.%s", config->name, config->node);
    identity->name = memory_text(name);
    copy_urls(identity, config);
    if (check_files(config, err) && read_text(config->tls.ca, &identity->ca, err) &&
        read_text(config->tls.certificate, &identity->certificate, err) &&
        read_text(config->tls.key, &identity->key, err) && read_credentials(identity, config, err))
        return true;
    bus_identity_fini(identity);
    return false;
}

void bus_identity_fini(struct bus_identity *identity)
{
    for (size_t i = 0; i < identity->url_count; i++)
        free(identity->urls[i]);
    free(identity->urls);
    free(identity->name);
    free(identity->ca);
    free(identity->certificate);
    source_wipe(identity->key);
    free(identity->user);
    source_wipe(identity->secret);
    free(identity->jwt);
    source_wipe(identity->seed);
    free(identity->nkey);
    *identity = (struct bus_identity){0};
}
