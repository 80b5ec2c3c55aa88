// simulator.h: the state of the program, owned by main.c and lent to everything else. Thread: there is only one.
#pragma once
#include <openssl/types.h>
#include <stdio.h>
#include <time.h>

#include "kv.h"
#include "options.h"
#include "text.h"

struct background;
struct call;
struct event;
struct event_base;
struct queue;
struct session;

struct simulator {
    struct options options;
    struct event_base *base;
    SSL_CTX *tls; // NULL: plain
    FILE *log;    // NULL: none
    struct session *sessions;
    unsigned long last_connection;
    int64_t refuse; // logins still to be refused
    struct call *calls;
    unsigned long last_call;
    unsigned long last_channel; // number in channel names
    unsigned long last_unique;  // number in Uniqueids
    unsigned long calls_done;
    unsigned long live_calls;
    int64_t calls_wanted;
    struct event *dialer; // starts calls while calls_wanted is not reached
    struct queue *queues;
    struct background *background;
    struct kv database;
    struct kv variables; // `name`, or `uniqueid|name` for those of a channel
    struct text text;    // the event being built
    unsigned text_classes;
    time_t started;
    time_t reloaded;
};

/** A number that depends on the seed and `salt` alone. */
uint64_t simulator_random(const struct simulator *simulator, uint64_t salt);

/** Microseconds since 1970 and nanoseconds of CLOCK_MONOTONIC. */
uint64_t clock_us(void);
uint64_t clock_ns(void);
