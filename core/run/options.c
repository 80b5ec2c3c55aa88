// core/run/options.c: the command line. Parser and help come from one table.
#include "run/options.h"

#include <getopt.h>
#include <unistd.h>

#ifndef AMP_CONFIG_FILE
#define AMP_CONFIG_FILE "/etc/astmanproxy/astmanproxy.yaml"
#endif

// clang-format off
#define OPTION_TABLE(ROW) /* letter as getopt() wants it, what is shown of it, its sentence */ \
    ROW("c:", "-c FILE", "the configuration (default: " AMP_CONFIG_FILE ")")                   \
    ROW("t",  "-t     ", "check the configuration, say what is wrong with it, and end")        \
    ROW("f",  "-f     ", "stay in the foreground")                                             \
    ROW("d",  "-d     ", "log more: -d debug, -dd trace; implies -f")                          \
    ROW("g",  "-g     ", "accepted for old start scripts; core dumps are left to the service manager") \
    ROW("v",  "-v     ", "show the version and end")                                           \
    ROW("h",  "-h     ", "show this help and end")
// clang-format on

#define LETTERS(letter, shown, help) letter
#define HELP(letter, shown, help) "  " shown "  " help "\n"

enum { LONG_TRY = 256, LONG_EXPECT, LONG_REPL };

static const struct option long_options[] = {{"check", no_argument, NULL, 't'},
                                             {"try", required_argument, NULL, LONG_TRY},
                                             {"repl", required_argument, NULL, LONG_REPL},
                                             {"expect", required_argument, NULL, LONG_EXPECT},
                                             {"version", no_argument, NULL, 'v'},
                                             {"help", no_argument, NULL, 'h'},
                                             {NULL, 0, NULL, 0}};

const char *options_usage(void)
{
    return "usage: astmanproxy [-c FILE] [-t] [-f] [-d] [-g] [-v] [-h]\n"
           "       astmanproxy [-c FILE] --try USER CAPTURE [--expect FILE]\n"
           "       astmanproxy [-c FILE] --repl USER [CAPTURE]\n" OPTION_TABLE(
               HELP) "  --try USER CAPTURE  show what the user's filters make of each message of a file of AMI\n"
                     "  --expect FILE       … and compare that with FILE: exit code 1 and the first difference if it "
                     "is another\n"
                     "  --repl USER [CAPTURE]  try Lua line by line as that user, on the messages of a file of AMI\n"
                     "  --check, --version, --help  the same as -t, -v, -h\n";
}

static void options_apply(struct options *options, int letter)
{
    switch (letter) {
    case 'c':
        options->config_path = optarg;
        break;
    case 't':
        options->check = true;
        break;
    case 'f':
        options->foreground = true;
        break;
    case 'd':
        options->foreground = true;
        options->debug++;
        break;
    case LONG_TRY:
        options->try_user = optarg;
        break;
    case LONG_REPL:
        options->repl_user = optarg;
        break;
    case LONG_EXPECT:
        options->expected = optarg;
        break;
    case 'v':
        options->version = true;
        break;
    case 'h':
        options->help = true;
        break;
    default: // -g
        break;
    }
}

bool options_parse(struct options *options, int argc, char **argv, struct error *err)
{
    int letter;
    *options = (struct options){.config_path = AMP_CONFIG_FILE};
    optind = 0; // restart getopt, also at a second call
    opterr = 0;
    while ((letter = getopt_long(argc, argv, "-:" OPTION_TABLE(LETTERS), long_options, NULL)) != -1) {
        if (letter == 1 && (options->try_user != NULL || options->repl_user != NULL) && options->try_file == NULL)
            options->try_file = optarg;
        else if (letter == 1)
            return error_set(err, "unexpected argument: %s", optarg);
        else if (letter == ':')
            return error_set(err, "option %s wants an argument", argv[optind - 1]);
        else if (letter == '?')
            return optopt > 0 && optopt < LONG_TRY ? error_set(err, "unknown option -%c", optopt)
                                                   : error_set(err, "unknown option %s", argv[optind - 1]);
        else
            options_apply(options, letter);
    }
    if (options->try_user != NULL && options->try_file == NULL)
        return error_set(err, "option --try wants a user and a file");
    if (options->repl_user != NULL && options->try_user != NULL)
        return error_set(err, "options --repl and --try exclude each other");
    if (options->expected != NULL && options->try_user == NULL)
        return error_set(err, "option --expect goes with --try");
    if (optind < argc)
        return error_set(err, "unexpected argument: %s", argv[optind]);
    if (options->config_path == NULL || options->config_path[0] == '\0')
        return error_set(err, "option -c wants a file");
    return true;
}
