// contrib/ampctl/control.c: see control.h.
#include "control.h"

#include "base/memory.h"
#include "config/config.h"
#include "config/source.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define BANNER "astmanproxy " // then the version, "control", and the path of the configuration
#define BANNER_WORD " control "

/** Does the command line, or the environment, say who logs in, or where? */
static bool is_another_way(const struct ctl_options *options)
{
    const char *user = getenv("AMPCTL_USER");

    return options->connect != NULL || options->listener != NULL || options->user != NULL ||
           options->secret_file != NULL || options->tls || options->insecure || options->ca_file != NULL ||
           options->tls_name != NULL || options->cert != NULL || options->proxy_key ||
           (user != NULL && user[0] != '\0');
}

void control_find(struct control *control, const struct ctl_options *options)
{
    *control = (struct control){0};
    if (options->control != NULL && strcmp(options->control, "off") == 0)
        return;
    if (options->control != NULL) {
        control->path = memory_text(options->control);
        control->required = true;
    } else if (!is_another_way(options)) {
        control->path = config_control_path(options->config_path);
        control->config = options->config_given ? source_absolute(options->config_path) : NULL;
    }
}

void control_fini(struct control *control)
{
    free(control->path);
    free(control->config);
    *control = (struct control){0};
}

static bool is_same_file(const char *one, const char *other)
{
    char *real = realpath(one, NULL), *real_other = realpath(other, NULL);
    bool same = real != NULL && real_other != NULL ? strcmp(real, real_other) == 0 : strcmp(one, other) == 0;

    free(real);
    free(real_other);
    return same;
}

/** Is it the banner of the proxy that was meant? */
static bool control_check(const struct control *control, const char *banner, struct error *err)
{
    const char *word = strncmp(banner, BANNER, strlen(BANNER)) == 0 ? strstr(banner, BANNER_WORD) : NULL;

    if (word == NULL)
        return error_set(err, "%s: expected the control socket of astmanproxy; found another program's",
                         control->target.shown);
    word += strlen(BANNER_WORD);
    return control->config == NULL || is_same_file(control->config, word) ||
           error_set(err, "%s: that proxy serves %s", control->target.shown, word);
}

struct connection *control_open(struct control *control, struct event_base *base, uint64_t timeout_ms,
                                struct error *err)
{
    struct connection *connection;
    enum connection_result result;
    char banner[PATH_MAX];

    connection = connection_open(base, &control->target, timeout_ms, err);
    if (connection == NULL)
        return NULL;
    result = connection_banner(connection, timeout_ms, banner, sizeof banner);
    control->late = result == CONNECTION_LATE;
    if (result != CONNECTION_READY)
        connection_error(connection, result, err);
    else if (control_check(control, banner, err))
        return connection;
    connection_close(connection);
    return NULL;
}
