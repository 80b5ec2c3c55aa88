// core/config/same_view.c: see same_view.h. What matters is written down as a text, each part with its length or its
// end.
#include "config/same_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void write_text(FILE *out, const char *text)
{
    if (text == NULL)
        fputs("-;", out);
    else
        fprintf(out, "%zu:%s;", strlen(text), text);
}

/** Options are trees, as deep as the reader of the file lets them be. */
static void write_option(FILE *out, const struct option_value *option) // NOLINT(misc-no-recursion)
{
    fprintf(out, "%d,%d,%a,%zu(", (int)option->kind, option->flag, option->number, option->count);
    write_text(out, option->text);
    for (size_t i = 0; i < option->count; i++) {
        if (option->kind == OPTION_MAP)
            write_text(out, option->keys[i]);
        write_option(out, &option->items[i]);
    }
    fputs(")", out);
}

static void write_list(FILE *out, const struct filter_list *list)
{
    fprintf(out, "%zu[", list->count);
    for (size_t i = 0; i < list->count; i++) {
        write_text(out, list->items[i].name);
        fprintf(out, "%d", list->items[i].observe);
        write_option(out, &list->items[i].options);
    }
    fputs("]", out);
}

static void write_entry(FILE *out, const struct user_config *user)
{
    fprintf(out, "user %" PRIu32 ",%" PRIu32 ",%d,%d,%d,%d,", user->read, user->write, user->write_given,
            user->lists_given, user->admin, user->more_events);
    write_text(out, user->channel);
    write_text(out, user->in_context);
    write_text(out, user->tenant);
    write_text(out, user->account);
    write_list(out, &user->filters);
}

char *config_view_text(const struct config *config, const struct user_config *user)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    if (out == NULL)
        abort(); // no memory
    write_list(out, &config->scripts.filters);
    if (user != NULL)
        write_entry(out, user);
    fclose(out);
    return text;
}

bool config_same_view(const struct config *config, const struct user_config *user, const struct config *other,
                      const struct user_config *other_user)
{
    char *text = config_view_text(config, user), *other_text = config_view_text(other, other_user);
    bool is_same = strcmp(text, other_text) == 0;

    free(text);
    free(other_text);
    return is_same;
}
