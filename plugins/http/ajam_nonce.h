// plugins/http/ajam_nonce.h: the nonces of digests (RFC 2617). A nonce names the session that it belongs to and is
// signed, so that no client can make one. Nothing is stored of it before its first right use. A session has one nonce
// after the other.
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

/** Makes the secret by which nonces are signed. Called once, before other threads exist. @return false: there is no
 *  randomness */
bool ajam_nonce_start(void);
/** Makes a nonce for a new session. @return false: there is no randomness */
bool ajam_nonce_create(struct ajam_nonce *nonce);
/** Returns the session's next nonce. */
struct ajam_nonce ajam_nonce_next(const struct ajam_nonce *nonce);
/** Writes the nonce as the client is sent it, NUL-terminated. */
void ajam_nonce_text(const struct ajam_nonce *nonce, char text[AJAM_NONCE_DIGITS + 1]);
/** Parses such a text and checks its signature in constant time. @return false: this process has not made it */
bool ajam_nonce_read(struct amp_bytes text, struct ajam_nonce *nonce);
/** Is the nonce at most AJAM_NONCE_LIFE seconds old? */
bool ajam_nonce_is_fresh(const struct ajam_nonce *nonce);
/** Makes the key of the session, which cannot be guessed from the nonce. */
void ajam_nonce_key(const struct ajam_nonce *nonce, struct amp_key *key);
/** Notes that the nonce begins its session, so that a request with it that is sent again begins no other. @return
 * false: it has begun one already, or AJAM_NONCE_MOST others have within AJAM_NONCE_LIFE */
bool ajam_nonce_use(const struct ajam_nonce *nonce);

#endif
