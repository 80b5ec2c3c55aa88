// core/config/exposure.c: see exposure.h.
#include "config/exposure.h"

#include "base/log.h"
#include "base/memory.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#define GROUP_READS 0040u
#define OTHERS 0007u

void exposures_add(struct exposures *exposures, const struct source *source)
{
    if ((source->mode & (GROUP_READS | OTHERS)) == 0)
        return;
    for (size_t i = 0; i < exposures->count; i++)
        if (strcmp(exposures->items[i].path, source->path) == 0)
            return; // several keys name this secret file
    exposures->items = memory_grow(exposures->items, (exposures->count + 1) * sizeof *exposures->items);
    exposures->items[exposures->count++] = (struct exposure){memory_text(source->path), source->mode, source->group};
}

/** Is the group root's, the process's own, or that of the user or group that the process switches to? */
static bool is_own_group(unsigned group, const char *user, const char *group_name)
{
    const struct passwd *account = user == NULL ? NULL : getpwnam(user);
    bool is_users = account != NULL && account->pw_gid == group;
    const struct group *named = group_name == NULL ? NULL : getgrnam(group_name);

    return group == 0 || group == getegid() || is_users || (named != NULL && named->gr_gid == group);
}

void exposures_warn(const struct exposures *exposures, const char *user, const char *group)
{
    for (size_t i = 0; i < exposures->count; i++) {
        const struct exposure *file = &exposures->items[i];
        char path[256];
        bool is_open = (file->mode & OTHERS) != 0;
        if (!is_open && is_own_group(file->group, user, group))
            continue;
        log_warn(NULL, "a file with secrets can be read by=%s file=%s mode=%04o hint=\"chmod %s FILE\"",
                 is_open ? "everybody" : "\"a group that is not the proxy's\"",
                 log_quote(path, sizeof path, span_of(file->path)), file->mode, is_open ? "o=" : "g=");
    }
}

void exposures_free(struct exposures *exposures)
{
    for (size_t i = 0; i < exposures->count; i++)
        free(exposures->items[i].path);
    free(exposures->items);
    *exposures = (struct exposures){0};
}
