// plugins/http/ajam_nonce.h: the nonces of digests (RFC 2617). A nonce tells the session that it belongs to, and cannot
// be made up: what is kept of it begins with its first right use. One session has one nonce after the other.
// Thread: any.
#ifndef HTTP_AJAM_NONCE_H
#define HTTP_AJAM_NONCE_H

#include <astmanproxy/plugin.h>

#define AJAM_NONCE_DIGITS 80
#define AJAM_NONCE_LIFE 62     // seconds (Asterisk main/manager.c: auth_http_callback)
#define AJAM_NONCE_MOST 65536u // nonces that have begun sessions within that time

struct ajam_nonce {
    uint32_t made;        // seconds of a clock that does not jump
    uint32_t turn;        // 0: the one that begins the session; then one more for each later one
    unsigned char id[16]; // of the session
};

/** Makes the secret that nonces are made with; called once, before other threads exist. @return false: there is no
 *  randomness */
bool ajam_nonce_start(void);
/** A nonce for a new session. @return false: there is no randomness */
bool ajam_nonce_create(struct ajam_nonce *nonce);
/** The session's next nonce. */
struct ajam_nonce ajam_nonce_next(const struct ajam_nonce *nonce);
/** The nonce as the client is told it, NUL-terminated. */
void ajam_nonce_text(const struct ajam_nonce *nonce, char text[AJAM_NONCE_DIGITS + 1]);
/** Reads such a text; the comparison takes the same time wherever it is wrong. @return false: this proxy has not made
 * it */
bool ajam_nonce_read(struct amp_bytes text, struct ajam_nonce *nonce);
bool ajam_nonce_is_fresh(const struct ajam_nonce *nonce);
/** The key of the session; it cannot be told from the nonce. */
void ajam_nonce_key(const struct ajam_nonce *nonce, struct amp_key *key);
/** Notes that the nonce begins its session, so that what was sent with it cannot begin another one. @return false: it
 *  has begun one already, or too many others have within AJAM_NONCE_LIFE */
bool ajam_nonce_use(const struct ajam_nonce *nonce);

#endif
