// core/options.c: the command line. Parser and help come from one table.
#include "options.h"

#include <unistd.h>

#define DEFAULT_CONFIG "/etc/astmanproxy/astmanproxy.yaml"

// clang-format off
#define OPTION_TABLE(ROW) /* letter as getopt() wants it, what is shown of it, its sentence */ \
    ROW("c:", "-c FILE", "the configuration (default: " DEFAULT_CONFIG ")")                    \
    ROW("t",  "-t     ", "check the configuration, say what is wrong with it, and end")        \
    ROW("f",  "-f     ", "stay in the foreground")                                             \
    ROW("d",  "-d     ", "log more: -d debug, -dd trace; implies -f")                          \
    ROW("g",  "-g     ", "accepted for old start scripts; core dumps are left to the service manager") \
    ROW("v",  "-v     ", "show the version and end")                                           \
    ROW("h",  "-h     ", "show this help and end")
// clang-format on

#define LETTERS(letter, shown, help) letter
#define HELP(letter, shown, help) "  " shown "  " help "\n"

const char *options_usage(void)
{
    return "usage: astmanproxy [-c FILE] [-t] [-f] [-d] [-g] [-v] [-h]\n" OPTION_TABLE(HELP);
}

static void apply(struct options *options, int letter)
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
    *options = (struct options){.config_path = DEFAULT_CONFIG};
    optind = 0; // begin anew, also when called a second time
    opterr = 0;
    while ((letter = getopt(argc, argv, "+:" OPTION_TABLE(LETTERS))) != -1) {
        if (letter == ':')
            return error_set(err, "option -%c wants an argument", optopt);
        if (letter == '?')
            return error_set(err, "unknown option -%c", optopt);
        apply(options, letter);
    }
    if (optind < argc)
        return error_set(err, "unexpected argument: %s", argv[optind]);
    if (options->config_path[0] == '\0')
        return error_set(err, "option -c wants a file");
    return true;
}
