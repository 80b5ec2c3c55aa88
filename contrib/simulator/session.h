// session.h: one connection: its login, its one running action, and the events that wait behind it.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "outbox.h"
#include "request.h"
#include "simulator.h"

struct action;
struct session;

/** Goes on with an action after session_block(); it must end in session_finish() or block again. */
typedef void session_resume(struct session *session);

/** An event that came while an action ran. */
struct waiting_event {
    size_t length;
    uint32_t classes;
};

struct session {
    struct simulator *simulator;
    struct session *next;
    struct session *previous;
    struct bufferevent *stream;
    struct outbox outbox;
    struct reader reader;
    struct request request; // the running action while `busy`, else the part of one that has come
    struct text reply;      // the message being built
    unsigned long number;   // counts from 1
    char challenge[12];     // empty until asked for
    uint32_t mask;          // classes of events it gets; 0 before login
    bool authenticated;
    bool busy;    // an action runs: further ones and events wait
    bool blocked; // the running action waits for `timer`
    bool ended;   // the client sends nothing more
    bool closing;
    session_resume *resume;
    unsigned long call; // of a running Originate
    struct event *timer;
    struct event *reaper;                 // destroys the session from the loop
    struct event *auth_timer;             // ends a connection that does not log in
    struct text waiting;                  // events that came while busy …
    struct waiting_event *waiting_events; // … and where each ends
    size_t waiting_count;
    size_t waiting_capacity;
};

/** Starts a connection on `fd`, which it takes. */
void session_create(struct simulator *simulator, int fd);

/** Frees it, now. Not from within one of its actions: see session_close(). */
void session_destroy(struct session *session);

/** Closes once everything written so far is out, or after a second. */
void session_close(struct session *session);

/** Lets the running action wait for `ms` (< 0: until session_wake()), then calls `resume`. */
void session_block(struct session *session, int64_t ms, session_resume *resume);

/** Ends the wait of session_block() early. Not from within an action of the same session. */
void session_wake(struct session *session);

/** Ends the running action: waiting events are written, and the next action starts. */
void session_finish(struct session *session);

/** Writes the events that wait behind the running action and are still wanted. */
void session_flush_events(struct session *session);

/** Offers one event: written now, or after the running action, or not wanted. */
void session_event(struct session *session, uint32_t classes, const char *bytes, size_t length);

/** May events of all `classes` be written at once, without looking at each? */
bool session_takes_bulk(const struct session *session, uint32_t classes);

/** Drops the session when too many bytes wait for it. */
void session_check_backlog(struct session *session);
