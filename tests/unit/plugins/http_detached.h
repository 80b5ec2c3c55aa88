// tests/unit/plugins/http_detached.h: the functions for sessions without a connection, of a program that has none.
#ifndef TESTS_HTTP_DETACHED_H
#define TESTS_HTTP_DETACHED_H

#include <stdlib.h>

enum amp_opened amp_session_open_detached(struct amp_session *session, const struct amp_key *key, uint64_t most)
{
    (void)session;
    (void)key;
    (void)most;
    return AMP_OPENED_FULL;
}

bool amp_session_request(struct amp_session *session, const struct amp_key *key, struct amp_bytes request)
{
    (void)session;
    (void)key;
    if (request.length == 0)
        abort();
    return false;
}

void amp_request_answer(struct amp_request *request, struct amp_bytes answer)
{
    (void)request;
    (void)answer;
}

bool amp_request_is_withdrawn(const struct amp_request *request)
{
    return request == NULL;
}

enum amp_reason amp_session_check_digest(struct amp_session *session, const struct amp_digest *digest)
{
    (void)session;
    return digest->user.length == 0 ? AMP_REASON_NONE : AMP_REASON_UNKNOWN_USER;
}

void amp_session_log_in_digest(struct amp_session *session, const struct amp_digest *digest)
{
    (void)session;
    (void)digest;
}

void amp_session_collect(struct amp_session *session, const struct amp_plugin *format)
{
    (void)session;
    (void)format;
}

bool amp_session_take(struct amp_session *session, void (*write)(void *context, const char *bytes, size_t length),
                      void *context)
{
    (void)session;
    (void)write;
    (void)context;
    return false;
}

#endif
