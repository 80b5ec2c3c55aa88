// core/config/same_view.c: see same_view.h.
#include "config/same_view.h"

#include <string.h>

static bool is_same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/** Options are trees. Their depth is limited by the reader of the file. */
static bool is_same_option(const struct option_value *a, const struct option_value *b) // NOLINT(misc-no-recursion)
{
    if (a->kind != b->kind || a->flag != b->flag || a->number != b->number || a->count != b->count ||
        !is_same_text(a->text, b->text))
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if ((a->kind == OPTION_MAP && !is_same_text(a->keys[i], b->keys[i])) ||
            !is_same_option(&a->items[i], &b->items[i]))
            return false;
    }
    return true;
}

static bool is_same_list(const struct filter_list *a, const struct filter_list *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct filter_config *one = &a->items[i], *other = &b->items[i];
        if (one->observe != other->observe || !is_same_text(one->name, other->name) ||
            !is_same_option(&one->options, &other->options))
            return false;
    }
    return true;
}

static bool is_same_entry(const struct user_config *a, const struct user_config *b)
{
    return a->read == b->read && a->write == b->write && a->write_given == b->write_given &&
           a->lists_given == b->lists_given && a->admin == b->admin && a->more_events == b->more_events &&
           is_same_text(a->channel, b->channel) && is_same_text(a->in_context, b->in_context) &&
           is_same_text(a->account, b->account) && is_same_list(&a->filters, &b->filters);
}

bool config_same_view(const struct config *config, const struct user_config *user, const struct config *other,
                      const struct user_config *other_user)
{
    if (!is_same_list(&config->scripts.filters, &other->scripts.filters))
        return false;
    return user == NULL || other_user == NULL ? user == other_user : is_same_entry(user, other_user);
}
