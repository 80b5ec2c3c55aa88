// contrib/ampctl/options.c: see options.h.
#include "options.h"

#include "base/span.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#ifndef AMP_CONFIG_FILE
#define AMP_CONFIG_FILE "/etc/astmanproxy/astmanproxy.yaml"
#endif
#define DEFAULT_TIMEOUT_S 30
#define LONGEST_S 86400

enum {
    OPTION_CONTROL = 256,
    OPTION_LISTENER,
    OPTION_CONNECT,
    OPTION_TLS,
    OPTION_TLS_NAME,
    OPTION_CA,
    OPTION_INSECURE,
    OPTION_CERT,
    OPTION_KEY,
    OPTION_PROXY_KEY,
    OPTION_SECRET_FILE,
    OPTION_TIMEOUT,
    OPTION_JSON,
    OPTION_FORMAT,
    OPTION_RECONNECT,
    OPTION_INTERVAL
};

/** One option: parsed, checked against the command and shown by its row. */
struct row {
    const char *name, *argument; // argument NULL: takes none
    int value;                   // a letter: its short form
    unsigned command;            // CTL_TAKES_… of a command that takes it; 0: all
    const char *help;
};

// clang-format off
static const struct row rows[] = {
    {"config", "FILE", 'c', 0, "the proxy's configuration (default: " AMP_CONFIG_FILE ")"},
    {"control", "PATH", OPTION_CONTROL, 0, "its control socket (default: the configuration's); off: log in instead"},
    {"listener", "NAME", OPTION_LISTENER, 0, "which of its listeners: its address, address:port, or its place from 1"},
    {"connect", "HOST:PORT", OPTION_CONNECT, 0, "go there instead; also unix:/path"},
    {"tls", NULL, OPTION_TLS, 0, "encrypt (done unasked where the listener requires it)"},
    {"tls-name", "NAME", OPTION_TLS_NAME, 0, "the name that the certificate must have (default: the host's)"},
    {"ca", "FILE", OPTION_CA, 0, "authorities to trust, PEM (default: the system's)"},
    {"insecure", NULL, OPTION_INSECURE, 0, "take any certificate"},
    {"cert", "FILE", OPTION_CERT, 0, "own certificate, PEM, for listeners that ask clients for one"},
    {"key", "FILE", OPTION_KEY, 0, "its private key, PEM (default: the certificate's file)"},
    {"proxy-key", NULL, OPTION_PROXY_KEY, 0, "log in by the ProxyKey, not as a user (its secret as for a user)"},
    {"user", "NAME", 'u', 0, "log in as (default: AMPCTL_USER, else the configuration's first admin)"},
    {"secret-file", "FILE", OPTION_SECRET_FILE, 0, "file with the secret (default: AMPCTL_SECRET, the configuration, or a prompt)"},
    {"timeout", "SECONDS", OPTION_TIMEOUT, 0, "longest wait for a connection or an answer (default: 30)"},
    {"json", NULL, OPTION_JSON, CTL_TAKES_JSON, "output for programs"},
    {"format", "NAME", OPTION_FORMAT, CTL_TAKES_FORMAT, "format of the proxy's output, instead of readable text"},
    {"reconnect", NULL, OPTION_RECONNECT, CTL_TAKES_RECONNECT, "go on after the connection was lost"},
    {"interval", "SECONDS", OPTION_INTERVAL, CTL_TAKES_INTERVAL, "how long events are counted, or between two pictures (default: 1)"},
    {"version", NULL, 'V', 0, "show the version"},
    {"help", NULL, 'h', 0, "show help, of the command if there is one"},
};
// clang-format on

#define ROWS (sizeof rows / sizeof rows[0])

static const struct row *find_row(int value)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].value == value)
            return &rows[i];
    }
    return NULL;
}

static bool read_seconds(const char *option, unsigned long fewest, uint64_t *ms, struct error *err)
{
    uint64_t seconds;

    if (!span_number(span_of(optarg), fewest, LONGEST_S, &seconds))
        return error_set(err, "option --%s: expected seconds from %lu to %d; found \"%s\"", option, fewest, LONGEST_S,
                         optarg);
    *ms = seconds * 1000;
    return true;
}

/** Returns the field for the text of the option `value`; NULL: the option has no text. */
static const char **text_of(struct ctl_options *options, int value)
{
    switch (value) {
    case 'c':
        return &options->config_path;
    case 'u':
        return &options->user;
    case OPTION_CONTROL:
        return &options->control;
    case OPTION_LISTENER:
        return &options->listener;
    case OPTION_CONNECT:
        return &options->connect;
    case OPTION_TLS_NAME:
        return &options->tls_name;
    case OPTION_CA:
        return &options->ca_file;
    case OPTION_CERT:
        return &options->cert;
    case OPTION_KEY:
        return &options->key;
    case OPTION_SECRET_FILE:
        return &options->secret_file;
    case OPTION_FORMAT:
        return &options->format;
    default:
        return NULL;
    }
}

static bool option_apply(struct ctl_options *options, const struct row *row, struct error *err)
{
    const char **text = text_of(options, row->value);

    if (text != NULL) {
        *text = optarg;
        options->config_given = options->config_given || row->value == 'c';
        return optarg[0] != '\0' || error_set(err, "option --%s: expected %s; found nothing", row->name, row->argument);
    }
    if (row->value == OPTION_TIMEOUT)
        return read_seconds(row->name, 1, &options->timeout_ms, err);
    if (row->value == OPTION_INTERVAL)
        return read_seconds(row->name, 0, &options->interval_ms, err);
    options->tls = options->tls || row->value == OPTION_TLS;
    options->insecure = options->insecure || row->value == OPTION_INSECURE;
    options->proxy_key = options->proxy_key || row->value == OPTION_PROXY_KEY;
    options->json = options->json || row->value == OPTION_JSON;
    options->reconnect = options->reconnect || row->value == OPTION_RECONNECT;
    options->version = options->version || row->value == 'V';
    options->help = options->help || row->value == 'h';
    return true;
}

/** @param seen  CTL_TAKES_… of the options that were given */
static bool find_command(struct ctl_options *options, unsigned seen, int argc, char **argv, struct error *err)
{
    const struct ctl_command *command;

    if (optind == argc)
        return options->help || options->version || error_set(err, "which command? `ampctl help` lists them");
    command = options->command = commands_find(argv[optind]);
    options->arguments = argv + optind + 1;
    options->argument_count = (size_t)(argc - optind) - 1;
    if (command == NULL)
        return error_set(err, "unknown command \"%s\": `ampctl help` lists them", argv[optind]);
    if (options->help || options->version)
        return true;
    for (size_t i = 0; i < ROWS; i++) {
        if ((rows[i].command & seen & ~command->takes) != 0)
            return error_set(err, "option --%s is not for %s", rows[i].name, command->name);
    }
    if (options->argument_count < command->fewest)
        return error_set(err, "%s: expected %s (`ampctl %s --help`)", command->name, command->arguments, command->name);
    if (options->argument_count > command->most)
        return error_set(err, "%s: unexpected argument \"%s\"", command->name, options->arguments[command->most]);
    return true;
}

static bool check_together(const struct ctl_options *options, struct error *err)
{
    if (options->connect != NULL && options->listener != NULL)
        return error_set(err, "options --connect and --listener: expected one of them");
    if (options->insecure && (options->ca_file != NULL || options->tls_name != NULL))
        return error_set(err, "option --insecure takes any certificate: it does not go with --ca and --tls-name");
    if (options->key != NULL && options->cert == NULL)
        return error_set(err, "option --key belongs to a certificate: expected --cert beside it");
    if (options->proxy_key && options->user != NULL)
        return error_set(err, "options --proxy-key and --user: expected one of them");
    if (options->json && options->format != NULL && strcmp(options->format, "json") != 0)
        return error_set(err, "options --json and --format: expected one of them");
    return true;
}

/** Makes the tables of getopt_long() from ours. */
static void make_tables(struct option *names, char *letters)
{
    *letters++ = ':';
    for (size_t i = 0; i < ROWS; i++) {
        int argument = rows[i].argument != NULL ? required_argument : no_argument;
        names[i] = (struct option){rows[i].name, argument, NULL, rows[i].value};
        if (rows[i].value > 255)
            continue;
        *letters++ = (char)rows[i].value;
        if (rows[i].argument != NULL)
            *letters++ = ':';
    }
    names[ROWS] = (struct option){0};
    *letters = '\0';
}

bool ctl_options_parse(struct ctl_options *options, int argc, char **argv, struct error *err)
{
    struct option names[ROWS + 1];
    char letters[2 * ROWS + 2];
    unsigned seen = 0;
    int value;

    *options = (struct ctl_options){
        .config_path = AMP_CONFIG_FILE, .timeout_ms = DEFAULT_TIMEOUT_S * 1000, .interval_ms = 1000};
    make_tables(names, letters);
    optind = 0; // restart getopt, also at a second call
    opterr = 0;
    while ((value = getopt_long(argc, argv, letters, names, NULL)) != -1) {
        const struct row *row = find_row(value);
        if (value == ':')
            return error_set(err, "option %s wants an argument", argv[optind - 1]);
        if (row == NULL) // `optopt` is an unknown letter among others; argv has the text of a long option
            return optopt > 0 && optopt < 256 && find_row(optopt) == NULL
                       ? error_set(err, "unknown option -%c", optopt)
                       : error_set(err, "unknown option, or one that is not unique or takes no argument: %s",
                                   argv[optind - 1]);
        seen |= row->command;
        if (!option_apply(options, row, err))
            return false;
    }
    return find_command(options, seen, argc, argv, err) && check_together(options, err);
}

static void show_row(FILE *out, const struct row *row)
{
    char left[64], letter[8] = "    ";

    if (row->value < 256)
        snprintf(letter, sizeof letter, "-%c, ", row->value);
    snprintf(left, sizeof left, "%s--%s%s%s", letter, row->name, row->argument != NULL ? " " : "",
             row->argument != NULL ? row->argument : "");
    fprintf(out, "  %-26s  %s\n", left, row->help);
}

void ctl_options_help(FILE *out, const struct ctl_command *command)
{
    if (command != NULL) {
        fprintf(out, "usage: ampctl [OPTION...] %s%s%s\n\n%s.\n%s\noptions:\n", command->name,
                command->arguments[0] != '\0' ? " " : "", command->arguments, command->summary, command->help);
    } else {
        fputs("usage: ampctl [OPTION...] COMMAND [ARGUMENT...]\n\nTalks to a running astmanproxy.\n\ncommands:\n", out);
        for (const struct ctl_command *each = ctl_commands; each->name != NULL; each++) {
            char left[64];
            snprintf(left, sizeof left, "%s %s", each->name, each->arguments);
            fprintf(out, "  %-26s  %s\n", left, each->summary);
        }
        fputs("\noptions:\n", out);
    }
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].command == 0 || command == NULL || (rows[i].command & command->takes) != 0)
            show_row(out, &rows[i]);
    }
    fputs("\nexit code: 0 done; 1 the proxy answered with an Error; 2 wrong usage; 3 no connection, no login, no "
          "answer in "
          "time\n",
          out);
}

enum ctl_exit command_help(struct event_base *base, const struct ctl_options *options, struct error *err)
{
    const struct ctl_command *command = NULL;
    (void)base;

    if (options->argument_count > 0) {
        command = commands_find(options->arguments[0]);
        if (command == NULL) {
            error_set(err, "unknown command \"%s\": `ampctl help` lists them", options->arguments[0]);
            return CTL_USAGE;
        }
    }
    ctl_options_help(stdout, command);
    return CTL_OK;
}
