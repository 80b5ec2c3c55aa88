// options.c: the command line, one row per option.
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mask.h"

#ifndef AMP_VERSION
#define AMP_VERSION "2.0.0"
#endif

enum kind { KIND_TEXT, KIND_NUMBER, KIND_CLASSES, KIND_FLAG, KIND_SEED, KIND_CUT, KIND_HELP, KIND_VERSION };

static const struct row {
    const char *name;
    enum kind kind;
    size_t offset;
    int64_t most;
    const char *help;
} rows[] = {
    {"port", KIND_NUMBER, offsetof(struct options, port), 65535, "TCP port, 0: any free one (default 5038)"},
    {"port-file", KIND_TEXT, offsetof(struct options, port_file), 0, "file that gets the port once it listens"},
    {"address", KIND_TEXT, offsetof(struct options, address), 0, "loopback address to listen on (127.0.0.1)"},
    {"user", KIND_TEXT, offsetof(struct options, user), 0, "name of the account (default admin)"},
    {"secret", KIND_TEXT, offsetof(struct options, secret), 0, "its secret (default secret)"},
    {"read", KIND_CLASSES, offsetof(struct options, read_mask), 0,
     "classes of events it may read (default all but security)"},
    {"write", KIND_CLASSES, offsetof(struct options, write_mask), 0, "classes of actions it may send (default all)"},
    {"banner", KIND_TEXT, offsetof(struct options, banner), 0, "first line (default Asterisk Call Manager/13.0.0)"},
    {"seed", KIND_SEED, offsetof(struct options, seed), 0, "same seed and actions, same bytes but for times"},
    {"rate", KIND_NUMBER, offsetof(struct options, rate), 10000000, "background events per second"},
    {"events", KIND_NUMBER, offsetof(struct options, events), INT64_MAX, "background events in all, 0: no end"},
    {"calls", KIND_NUMBER, offsetof(struct options, calls), 10000, "calls to keep in progress"},
    {"lists", KIND_NUMBER, offsetof(struct options, lists), 10000000, "fixed channels added to CoreShowChannels"},
    {"answer-ms", KIND_NUMBER, offsetof(struct options, answer_ms), 3600000, "time to answer (default 200)"},
    {"talk-ms", KIND_NUMBER, offsetof(struct options, talk_ms), 3600000, "length of originated calls (default 1000)"},
    {"legacy", KIND_FLAG, offsetof(struct options, legacy), 0, "the dialect of Asterisk 1.8"},
    {"tenants", KIND_TEXT, offsetof(struct options, tenants), 0, "ids of tenants (acme,bolt) for Tenantid"},
    {"tls", KIND_TEXT, offsetof(struct options, tls), 0, "PEM file with certificate and key: TLS from the first byte"},
    {"drop-after", KIND_NUMBER, offsetof(struct options, faults.drop_after), INT64_MAX, "close after N messages"},
    {"stall-after", KIND_NUMBER, offsetof(struct options, faults.stall_after), INT64_MAX, "go silent after N messages"},
    {"cut", KIND_CUT, offsetof(struct options, faults.cut_ms), 3600000,
     "write every message in two halves, MS apart (1)"},
    {"split", KIND_NUMBER, offsetof(struct options, faults.split_bytes), INT64_MAX, "write at most N bytes at a time"},
    {"refuse-login", KIND_NUMBER, offsetof(struct options, refuse), INT64_MAX, "refuse the first N logins"},
    {"log", KIND_TEXT, offsetof(struct options, log), 0, "file that gets one line per action received"},
    {"version", KIND_VERSION, 0, 0, "print the version"},
    {"help", KIND_HELP, 0, 0, "print this"},
};

enum { ROWS = sizeof rows / sizeof *rows };

static bool has_argument(enum kind kind)
{
    return kind == KIND_TEXT || kind == KIND_NUMBER || kind == KIND_CLASSES || kind == KIND_SEED;
}

static void print_help(void)
{
    puts("usage: astmansim [OPTION]...\nAn Asterisk Manager Interface server without an Asterisk, for demos and "
         "tests.\n");
    for (size_t i = 0; i < ROWS; i++)
        printf("  --%-14s %-5s %s\n", rows[i].name,
               has_argument(rows[i].kind) ? "VALUE"
               : rows[i].kind == KIND_CUT ? "[MS]"
                                          : "",
               rows[i].help);
}

static _Noreturn void options_fail(const char *name, const char *value, const char *expected)
{
    fprintf(stderr, "astmansim: --%s: expected %s; found \"%s\"\n", name, expected, value);
    exit(1);
}

static int64_t parse_number(const struct row *row, const char *value)
{
    char *end = NULL;
    errno = 0;
    long long number = strtoll(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0' || number < 0 || number > row->most)
        options_fail(row->name, value, "a number in range");
    return number;
}

static void set_option(struct options *options, const struct row *row, char *value)
{
    void *field = (char *)options + row->offset;
    switch (row->kind) {
    case KIND_TEXT:
        *(const char **)field = value;
        break;
    case KIND_NUMBER:
        *(int64_t *)field = parse_number(row, value);
        break;
    case KIND_CLASSES:
        *(uint32_t *)field = mask_from_names(value);
        break;
    case KIND_FLAG:
        *(bool *)field = true;
        break;
    case KIND_SEED:
        *(uint64_t *)field = strtoull(value, NULL, 10);
        break;
    case KIND_CUT:
        *(int64_t *)field = value == NULL ? 1 : parse_number(row, value);
        break;
    case KIND_HELP:
        print_help();
        exit(0);
    case KIND_VERSION:
        puts("astmansim " AMP_VERSION);
        exit(0);
    }
}

static void check_options(struct options *options)
{
    const char *address = options->address;
    if (strncmp(address, "127.", 4) != 0 && strcmp(address, "::1") != 0)
        options_fail("address", address, "a loopback address (127.x.y.z or ::1)");
    if (options->banner == NULL)
        options->banner = options->legacy ? "Asterisk Call Manager/1.1" : "Asterisk Call Manager/13.0.0";
}

void options_parse(struct options *options, int count, char **arguments)
{
    struct option table[ROWS + 1] = {0};
    *options = (struct options){
        .address = "127.0.0.1",
        .user = "admin",
        .secret = "secret",
        .read_mask = CLASS_ALL & ~(uint32_t)CLASS_SECURITY,
        .write_mask = CLASS_ALL,
        .seed = (uint64_t)time(NULL),
        .port = 5038,
        .answer_ms = 200,
        .talk_ms = 1000,
        .faults = {.drop_after = -1, .stall_after = -1, .cut_ms = -1},
    };
    for (int i = 0; i < ROWS; i++)
        table[i] = (struct option){rows[i].name, has_argument(rows[i].kind), NULL, i};
    opterr = 0;
    for (;;) {
        int index = optind;
        int found = getopt_long(count, arguments, ":", table, NULL);
        if (found == -1)
            break;
        if (found == '?' || found == ':') {
            fprintf(stderr, "astmansim: %s %s (see --help)\n", found == '?' ? "unknown option" : "missing value for",
                    arguments[index]);
            exit(1);
        }
        bool is_number = optind < count && strspn(arguments[optind], "0123456789") == strlen(arguments[optind]);
        char *value = rows[found].kind == KIND_CUT && is_number ? arguments[optind++] : optarg;
        set_option(options, &rows[found], value);
    }
    if (optind < count) {
        fprintf(stderr, "astmansim: unexpected argument %s (see --help)\n", arguments[optind]);
        exit(1);
    }
    check_options(options);
}
