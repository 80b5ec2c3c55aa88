// options.h: the command line.
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct faults {
    int64_t drop_after;  // messages, then the connection is closed; -1: never
    int64_t stall_after; // messages, then nothing is written or read any more; -1: never
    int64_t cut_ms;      // every message in two writes with this pause between them; -1: whole
    int64_t split_bytes; // at most this many bytes a write; 0: any
};

struct options {
    const char *address;
    const char *port_file;
    const char *user;
    const char *secret;
    const char *banner;
    const char *tls;
    const char *log;
    const char *tenants; // their ids, separated by commas; NULL: channels have none
    uint32_t read_mask;
    uint32_t write_mask;
    uint64_t seed;
    int64_t port;
    int64_t rate;      // background events a second
    int64_t events;    // background events in all; 0: no end
    int64_t calls;     // calls to keep in progress
    int64_t lists;     // fixed channels added to CoreShowChannels
    int64_t answer_ms; // from dialling to answer
    int64_t talk_ms;   // from answer to hangup of an originated call
    int64_t refuse;    // logins to refuse
    bool legacy;
    struct faults faults;
};

/** Fills `options` with defaults and the command line. Ends the program after --help, --version and on a mistake. */
void options_parse(struct options *options, int count, char **arguments);
