// contrib/ampctl/main.c: ampctl, the command-line client: options, the command, exit code.
#include "base/descriptors.h"
#include "base/log.h"
#include "options.h"
#include "show.h"
#include "text.h"

#include <errno.h>
#include <event2/event.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static void main_complain(const char *text)
{
    fputs("ampctl: ", stderr);
    text_write(stderr, span_of(text), TEXT_TERMINAL); // it may contain text of the proxy
    fputc('\n', stderr);
}

static enum ctl_exit main_run(const struct ctl_options *options, struct error *err)
{
    struct event_base *base = event_base_new();
    enum ctl_exit code;

    if (base == NULL) {
        error_set(err, "cannot start: %s", strerror(errno));
        return CTL_LOST;
    }
    code = options->command->run(base, options, err);
    event_base_free(base);
    return code;
}

int main(int argc, char **argv)
{
    struct ctl_options options;
    struct error err = {""};
    enum ctl_exit code = CTL_OK;

    descriptors_open_standard();
    setlocale(LC_ALL, "");
    signal(SIGPIPE, SIG_IGN);
    log_set_level(LOG_LEVEL_ERROR); // the configuration's warnings are for the proxy's log
    if (!ctl_options_parse(&options, argc, argv, &err))
        code = CTL_USAGE;
    else if (options.version)
        fputs("ampctl " AMP_VERSION "\n", stdout);
    else if (options.help)
        ctl_options_help(stdout, options.command);
    else
        code = main_run(&options, &err);
    if (show_flush() == SHOW_FAILED) {
        error_set(&err, "cannot write: %s", strerror(errno));
        code = CTL_LOST;
    }
    if (err.text[0] != '\0')
        main_complain(err.text);
    return (int)code;
}
