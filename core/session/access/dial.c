// core/session/access/dial.c: see dial.h.
#include "session/access/dial.h"

#include "ami/device.h"
#include "base/memory.h"
#include "session/access/headers.h"

#include <stdlib.h>

#define LOCAL "Local/"

bool dial_is_plain(struct span dial)
{
    // Monitor gives its file the channel's name, and a shell the file's name between `"` (res_monitor.c).
    return !text_has_any(dial, "&\"$`\\");
}

bool dial_is_own(const struct user_config *user, struct span device)
{
    if (!dial_is_plain(device))
        return false;
    if (user->channel == NULL) // whose device it is, nobody knows before it has a channel
        return user->tenant == NULL || user->write_given;
    return device_entry_is(device_entry_of(user->channel), device);
}

struct message *dial_enforce_context(const struct message *action, uint32_t index, struct span dial,
                                     const char *context)
{
    struct span old = device_local_context(dial);
    size_t options = strlen(LOCAL);
    char *text = memory_new(dial.length + strlen(context) + 2), *to = text;
    struct message *changed;

    if (old.bytes != NULL) {
        options = (size_t)(old.bytes - dial.bytes) + old.length;
        to = mempcpy(to, dial.bytes, (size_t)(old.bytes - dial.bytes) - 1);
    } else {
        while (options < dial.length && dial.bytes[options] != '/')
            options++;
        to = mempcpy(to, dial.bytes, options);
    }
    *to++ = '@';
    to = mempcpy(to, context, strlen(context));
    to = mempcpy(to, dial.bytes + options, dial.length - options);
    changed = message_with_value(action, index, (struct span){text, (size_t)(to - text)});
    free(text);
    return changed;
}

/** Does every release read the dial string alike, up to the end of its context? Releases up to 10 copy the text after
 *  `Local/` to a buffer for an extension (AST_MAX_EXTENSION, 80 bytes with its NUL) before they look for the `@`, and
 *  all of them copy the whole string to 256 bytes (main/manager.c: action_originate). Without its context the call goes
 *  to `default`. Of several slashes, older releases look for the first, newer ones for the last.
 *  @param added  number of bytes that will be added to the string */
static bool is_read_whole(struct span dial, size_t added)
{
    struct span rest = {dial.bytes + strlen(LOCAL), dial.length - strlen(LOCAL)};

    return rest.length + added < 80 && memchr(rest.bytes, '/', rest.length) == memrchr(rest.bytes, '/', rest.length);
}

bool dial_is_local(struct span dial)
{
    return text_begins(dial, LOCAL);
}

bool dial_stays(const struct user_config *user, struct span dial)
{
    return user->out_context == NULL || !dial_is_local(dial) ||
           (is_read_whole(dial, 0) && span_equals(device_local_context(dial), span_of(user->out_context)));
}

/** May the user originate to `Local/…`? */
static bool may_dial_local(const struct user_config *user, struct span dial)
{
    switch (user->filterlocal) {
    case FILTERLOCAL_ALLOW:
        return true;
    case FILTERLOCAL_ENFORCE:
        return user->out_context != NULL && is_read_whole(dial, strlen(user->out_context) + 1); // "@CONTEXT" is added
    case FILTERLOCAL_ALLOWWITH:
        return user->out_context != NULL && dial_stays(user, dial);
    case FILTERLOCAL_OFF:
        break;
    }
    bool has_own_place = user->channel == NULL && user->out_context != NULL;
    return (has_own_place || dial_is_own(user, dial)) && is_read_whole(dial, 0) && dial_stays(user, dial);
}

bool dial_may(const struct user_config *user, struct span dial)
{
    if (!dial_is_plain(dial))
        return false;
    if (dial_is_local(dial))
        return may_dial_local(user, dial);
    return dial_is_own(user, dial);
}
