// core/net/tls.h: the shared part of encrypted connections: certificate, key, trusted authorities, versions. Read from
// files once, immutable afterwards. A reload creates a new context, which has new keys for session tickets. TLS 1.2 and
// later, OpenSSL's security level 2, no renegotiation, no compression. Thread: any.
#ifndef NET_TLS_H
#define NET_TLS_H

#include "base/error.h"

#include <stdbool.h>

struct ssl_st;
struct tls_context;

/** For connections from clients. ALPN "http/1.1" is accepted if a client offers it.
 *  @param certificate  PEM file: our certificate, then the chain to its authority
 *  @param key          PEM file, not encrypted; NULL: in the certificate's file
 *  @param client_ca    PEM file with authorities: every client must present a certificate of them; NULL: none is
 *  required
 *  @param min_version  as OpenSSL counts: TLS1_2_VERSION (0x0303) or TLS1_3_VERSION (0x0304)
 *  @return one reference; NULL with `err` set: which file, and why */
struct tls_context *tls_context_for_clients(const char *certificate, const char *key, const char *client_ca,
                                            int min_version, struct error *err);
/** For connections to a server.
 *  @param verify   read the trusted authorities; transport_start_tls() decides whether and for which name to verify
 *  @param ca_file  PEM file with them; NULL: those of the system
 *  @return one reference; NULL with `err` set */
struct tls_context *tls_context_for_server(bool verify, const char *ca_file, int min_version, struct error *err);
/** Gives a context of tls_context_for_server() a certificate for servers that ask for one.
 *  @param certificate, key  PEM files; the key may be NULL: it is in the file of the certificate
 *  @return false with `err` set: which file, and why */
bool tls_context_identify(struct tls_context *context, const char *certificate, const char *key, struct error *err);
/** @return `context`, with one reference more */
struct tls_context *tls_context_ref(struct tls_context *context);
/** Gives up a reference; NULL is fine. Connections keep what they need. */
void tls_context_unref(struct tls_context *context);

/** For transport_tls.c: the state of one connection (SSL *), its caller's. @return NULL: OpenSSL has failed */
struct ssl_st *tls_context_new_connection(const struct tls_context *context);

#endif
