// contrib/ampctl/access.c: see access.h.
#include "access.h"

#include "base/memory.h"
#include "login.h"
#include "request.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

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

enum ctl_exit access_prepare(struct access *access, const struct ctl_options *options, struct error *err)
{
    struct config *config = NULL;
    bool located = options->connect != NULL && given_user(options) != NULL, ready = true;

    *access = (struct access){.timeout_ms = options->timeout_ms};
    if (!located || !secret_is_given(options))
        ready = access_load(options, &config, err) || (located && !options->config_given); // a prompt is possible
    ready = ready && access_find(access, options, config, err);
    config_unref(config);
    return ready ? CTL_OK : CTL_USAGE;
}

void access_fini(struct access *access)
{
    secret_fini(&access->secret);
    free(access->user);
    access->user = NULL;
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
    code = login_as(opened, access->user, &access->secret, *other_way, access->timeout_ms, err);
    *other_way = code == CTL_REFUSED && !*other_way && login_has_another_way(opened, &access->secret);
    if (code == CTL_OK)
        *connection = opened;
    else
        connection_close(opened);
    return code;
}

enum ctl_exit access_open(const struct access *access, struct event_base *base, struct connection **connection,
                          struct error *err)
{
    struct connection *opened = NULL;
    bool other_way = false;
    enum ctl_exit code = log_in(access, base, &other_way, &opened, err);

    *connection = NULL;
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
    enum ctl_exit code = access_prepare(access, options, err);

    return code == CTL_OK ? access_open(access, base, connection, err) : code;
}
