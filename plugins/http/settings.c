// plugins/http/settings.c: see settings.h.
#include "settings.h"

#include "ajam_nonce.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define SECOND UINT64_C(1000)
#define HOUR (3600 * SECOND)

static const char *const nothing[] = {NULL};

// Global: the settings of a plugin apply to the whole process. Written by configure(), before other threads exist.
static struct settings settings = {
    .max_wait_ms = 30 * SECOND,
    .request_ms = 10 * SECOND,
    .idle_ms = 15 * SECOND,
    .keep_alive_ms = 15 * SECOND,
    .ping_ms = 30 * SECOND,
    .body_bytes = 65536,
    .allow_get = SETTINGS_GET_AUTO,
    .origins = nothing,
    .hosts = nothing,
    .root = -1,
    .ajam = {.prefix = "/asterisk", .timeout_ms = 60 * SECOND, .sessions = 1000},
};

const struct settings *settings_get(void)
{
    return &settings;
}

/** Opens document_root at the start, while the program may still have the rights of root. Links are refused. */
static bool open_root(struct amp_settings *section)
{
    const char *path = amp_settings_path(section, "document_root");
    if (path == NULL)
        return true;
    settings.root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (settings.root != -1)
        return true;
    char reason[1024];
    snprintf(reason, sizeof reason, "expected a folder, %.900s: %s", path, strerror(errno));
    amp_settings_fail(section, "document_root", reason);
    return false;
}

/** Is it a path: `/`, letters, digits, `-`, `_`, `.` and `~`, without a `/` at its end? */
static bool is_prefix(const char *prefix)
{
    size_t length = strlen(prefix);
    return length > 1 && prefix[0] == '/' && prefix[length - 1] != '/' && strstr(prefix, "//") == NULL &&
           strspn(prefix, "/ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~") == length;
}

static bool read_ajam(struct amp_settings *section)
{
    struct settings_ajam *ajam = &settings.ajam;
    if (section == NULL)
        return true;
    ajam->on = true;
    ajam->prefix = amp_settings_text(section, "prefix", ajam->prefix);
    ajam->timeout_ms = amp_settings_duration(section, "timeout", SECOND, HOUR, ajam->timeout_ms);
    ajam->sessions = amp_settings_number(section, "sessions", 1, 1000000, ajam->sessions);
    ajam->digest = amp_settings_flag(section, "digest", false);
    if (ajam->digest)
        amp_settings_uses_digests(section, "http.ajam.digest");
    if (ajam->digest && !ajam_nonce_start()) {
        amp_settings_fail(section, "digest", "expected randomness for nonces; found none");
        return false;
    }
    if (is_prefix(ajam->prefix))
        return true;
    amp_settings_fail(section, "prefix", "expected a path such as /asterisk, without a slash at its end");
    return false;
}

bool settings_configure(struct amp_settings *section)
{
    static const char *const choices[] = {"true", "read", "false", NULL};
    static const char *const challenges[] = {"auto", "always", "never", NULL};
    settings.max_wait_ms = amp_settings_duration(section, "max_wait", 100, HOUR, settings.max_wait_ms);
    settings.request_ms = amp_settings_duration(section, "request_timeout", 100, HOUR, settings.request_ms);
    settings.idle_ms = amp_settings_duration(section, "idle_timeout", 100, HOUR, settings.idle_ms);
    settings.keep_alive_ms = amp_settings_duration(section, "keep_alive", 100, HOUR, settings.keep_alive_ms);
    settings.ping_ms = amp_settings_duration(section, "ping_interval", 100, HOUR, settings.ping_ms);
    settings.body_bytes = amp_settings_size(section, "body_bytes", 1024, UINT64_C(64) << 20, settings.body_bytes);
    settings.allow_get =
        (enum settings_get)amp_settings_choice(section, "allow_get", choices, (unsigned)SETTINGS_GET_AUTO);
    settings.basic_challenge = (enum settings_challenge)amp_settings_choice(section, "basic_challenge", challenges,
                                                                            (unsigned)SETTINGS_CHALLENGE_AUTO);
    settings.origins = amp_settings_list(section, "origins");
    settings.hosts = amp_settings_list(section, "hosts");
    return read_ajam(amp_settings_section(section, "ajam")) && open_root(section);
}
