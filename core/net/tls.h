// core/net/tls.h: what encrypted connections have in common: certificate, key, trusted authorities, versions. Read from
// files once, immutable afterwards; a reload makes a new one, and with it new keys for session tickets. TLS 1.2 and
// later, OpenSSL's security level 2, no renegotiation, no compression. Thread: any.
#ifndef NET_TLS_H
#define NET_TLS_H

#include "base/error.h"

#include <stdbool.h>

struct ssl_st;
struct tls_context;

/** For connections that clients open to us. ALPN "http/1.1" is agreed to if a client offers it.
 *  @param certificate  PEM file: ours, then those between ours and its authority
 *  @param key          PEM file, not encrypted; NULL: in the certificate's file
 *  @param client_ca    PEM file with authorities: every client must show a certificate of theirs; NULL: none is asked
 * for
 *  @param min_version  as OpenSSL counts: TLS1_2_VERSION (0x0303) or TLS1_3_VERSION (0x0304)
 *  @return one reference; NULL with `err` set: which file, and why */
struct tls_context *tls_context_for_clients(const char *certificate, const char *key, const char *client_ca,
                                            int min_version, struct error *err);
/** For connections that we open to a server.
 *  @param verify   read the authorities that are trusted; whether and for which name is said to transport_start_tls()
 *  @param ca_file  PEM file with them; NULL: those of the system
 *  @return one reference; NULL with `err` set */
struct tls_context *tls_context_for_server(bool verify, const char *ca_file, int min_version, struct error *err);
/** @return `context`, with one reference more */
struct tls_context *tls_context_ref(struct tls_context *context);
/** Gives up a reference; NULL is fine. Connections that use it keep what they need. */
void tls_context_unref(struct tls_context *context);

/** For transport_tls.c: the state of one connection (SSL *), its caller's. @return NULL: OpenSSL has failed */
struct ssl_st *tls_context_new_connection(const struct tls_context *context);

#endif
