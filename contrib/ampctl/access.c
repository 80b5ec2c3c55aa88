// contrib/ampctl/access.c: see access.h.
#include "access.h"

#include "base/memory.h"
#include "login.h"
#include "request.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/** Returns the user that the configuration suggests: the first admin whose secret ampctl can read, else the first
 *  admin. */
static const char *suggested_user(const struct config *config)
{
    const char *found = NULL;

    for (size_t i = 0; config != NULL && i < config->user_count; i++) {
        const struct user_config *user = &config->users[i];
        if (user->admin && user->secret != NULL && !user->hashed)
            return user->name;
        if (user->admin && found == NULL)
            found = user->name;
    }
    return found;
}

static const char *given_user(const struct ctl_options *options)
{
    const char *user = getenv("AMPCTL_USER");

    if (options->user != NULL)
        return options->user;
    return user != NULL && user[0] != '\0' ? user : NULL;
}

/** Reads the configuration. If it has errors, `err` gets the first one. */
static bool access_load(const struct ctl_options *options, struct config **config, struct error *err)
{
    char *errors;

    *config = config_load_outside(options->config_path, &errors);
    if (*config == NULL)
        error_set(err, "%.*s", (int)strcspn(errors, "\n"), errors);
    free(errors);
    return *config != NULL;
}

static bool access_find(struct access *access, const struct ctl_options *options, const struct config *config,
                        struct error *err)
{
    const char *user = given_user(options);

    if (options->proxy_key)
        return target_find(&access->target, options, config, err) &&
               secret_find_key(&access->secret, options, config, err);
    if (user == NULL)
        user = suggested_user(config);
    if (user == NULL)
        return error_set(err, "no user was given, and %s has no admin user that can be used: give --user",
                         options->config_path);
    if (text_has_control(user))
        return error_set(err, "a user's name has no control characters");
    access->user = memory_text(user);
    return target_find(&access->target, options, config, err) &&
           secret_find(&access->secret, options, config, user, err);
}

/** Adds to an error why the control socket could not be used instead. */
static void access_explain(struct error *err, enum ctl_exit code, const char *reason)
{
    char text[sizeof err->text];

    if (code == CTL_OK || reason[0] == '\0')
        return;
    snprintf(text, sizeof text, "%s", err->text);
    error_set(err, "%s (nor by the control socket: %s)", text, reason);
}

/** Is there a file of the socket? True also if that cannot be known. */
static bool access_has_socket(const struct access *access)
{
    struct stat status;

    return stat(access->control.path, &status) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

/** Connects to the control socket, if there is one. @param err  set to why that failed, and empty if nobody need know
 *  @return CTL_OK: done, or there is another way; else there is none */
static enum ctl_exit access_probe(struct access *access, const struct ctl_options *options, struct event_base *base,
                                  struct error *err)
{
    bool found;

    control_find(&access->control, options);
    if (access->control.path == NULL)
        return CTL_OK;
    found = target_control(&access->control.target, access->control.path, err);
    if (!found)
        return access->control.required ? CTL_USAGE : CTL_OK;
    access->probed = control_open(&access->control, base, access->timeout_ms, err);
    access->by_control = access->probed != NULL;
    access->target = access->control.target; // for messages
    if (!access->by_control && !access->control.required && !access_has_socket(access))
        err->text[0] = '\0'; // without the file, the proxy has no such socket
    return access->by_control || !access->control.required ? CTL_OK : CTL_LOST;
}

/** Finds target, user and secret. */
static enum ctl_exit access_prepare_login(struct access *access, const struct ctl_options *options, struct error *err)
{
    struct config *config = NULL;
    bool located = options->connect != NULL && (given_user(options) != NULL || options->proxy_key), ready = true;

    if (!located || !secret_is_given(options))
        ready = access_load(options, &config, err) || (located && !options->config_given); // a prompt is possible
    ready = ready && access_find(access, options, config, err);
    config_unref(config);
    return ready ? CTL_OK : CTL_USAGE;
}

enum ctl_exit access_prepare(struct access *access, const struct ctl_options *options, struct event_base *base,
                             struct error *err)
{
    struct error reason = {""};
    enum ctl_exit code;

    *access = (struct access){.timeout_ms = options->timeout_ms};
    code = access_probe(access, options, base, &reason);
    if (code != CTL_OK)
        *err = reason;
    if (code != CTL_OK || access->by_control)
        return code;
    code = access_prepare_login(access, options, err);
    if (code != CTL_OK && access->control.late)
        code = CTL_LOST; // the fault is the proxy's, not that of the command line
    access_explain(err, code, reason.text);
    return code;
}

void access_fini(struct access *access)
{
    secret_fini(&access->secret);
    free(access->user);
    access->user = NULL;
    connection_close(access->probed);
    access->probed = NULL;
    control_fini(&access->control);
}

/** Connects and logs in. @param other_way  in: use the other way (see login_as()); out: was the login refused, and is
 *  there another way? @return as login_as(), with `connection` set if it is CTL_OK */
static enum ctl_exit log_in(const struct access *access, struct event_base *base, bool *other_way,
                            struct connection **connection, struct error *err)
{
    struct connection *opened = connection_open(base, &access->target, access->timeout_ms, err);
    enum ctl_exit code;

    if (opened == NULL)
        return CTL_LOST;
    if (access->user == NULL)
        code = login_by_key(opened, &access->secret, access->timeout_ms, err);
    else
        code = login_as(opened, access->user, &access->secret, *other_way, access->timeout_ms, err);
    *other_way =
        access->user != NULL && code == CTL_REFUSED && !*other_way && login_has_another_way(opened, &access->secret);
    if (code == CTL_OK)
        *connection = opened;
    else
        connection_close(opened);
    return code;
}

/** Connects to the control socket, or takes the first connection to it. Its sessions get what they asked for. */
static enum ctl_exit access_open_control(struct access *access, struct event_base *base, struct connection **connection,
                                         struct error *err)
{
    *connection =
        access->probed != NULL ? access->probed : control_open(&access->control, base, access->timeout_ms, err);
    access->probed = NULL;
    return *connection != NULL ? CTL_OK : CTL_LOST;
}

enum ctl_exit access_open(struct access *access, struct event_base *base, struct connection **connection,
                          struct error *err)
{
    struct connection *opened = NULL;
    bool other_way = false;
    enum ctl_exit code;

    *connection = NULL;
    if (access->by_control)
        return access_open_control(access, base, connection, err);
    code = log_in(access, base, &other_way, &opened, err);
    if (other_way)
        code = log_in(access, base, &other_way, &opened, err);
    if (code == CTL_REFUSED)
        code = CTL_LOST;
    if (code == CTL_OK) // whatever the listener's `autofilter` is
        code = request_proxy(opened, "SetAutoFilter", "AutoFilter", "unique", access->timeout_ms, NULL, err);
    if (code == CTL_OK)
        *connection = opened;
    else
        connection_close(opened);
    return code;
}

enum ctl_exit access_connect(struct access *access, const struct ctl_options *options, struct event_base *base,
                             struct connection **connection, struct error *err)
{
    enum ctl_exit code = access_prepare(access, options, base, err);

    return code == CTL_OK ? access_open(access, base, connection, err) : code;
}
