// mask.c: event and action classes. The odd matching rules are those of Asterisk and clients meet them, so they stay.
#include "mask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
    uint32_t bit;
    const char *name;
} classes[] = {
    {1 << 0, "system"}, {1 << 1, "call"},      {1 << 2, "log"},        {1 << 3, "verbose"},  {1 << 4, "command"},
    {1 << 5, "agent"},  {1 << 6, "user"},      {1 << 7, "config"},     {1 << 8, "dtmf"},     {1 << 9, "reporting"},
    {1 << 10, "cdr"},   {1 << 11, "dialplan"}, {1 << 12, "originate"}, {1 << 13, "agi"},     {1 << 15, "cc"},
    {1 << 16, "aoc"},   {1 << 17, "test"},     {1 << 18, "security"},  {1 << 30, "message"}, {CLASS_ALL, "all"},
};

static bool is_named(const char *list, const char *name)
{
    const char *token = list;
    const char *comma = NULL;
    do {
        comma = strchr(token, ',');
        if (comma == NULL)
            return strcmp(name, token) == 0;
        if (strncmp(token, name, (size_t)(comma - token)) == 0)
            return true;
        token = comma + 1;
    } while (*token != '\0');
    return false;
}

uint32_t mask_from_names(const char *names)
{
    uint32_t mask = 0;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (is_named(names, classes[i].name))
            mask |= classes[i].bit;
    return mask;
}

static bool is_one_of(const char *value, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcasecmp(value, *words) == 0)
            return true;
    return false;
}

bool mask_is_true(const char *value)
{
    static const char *const words[] = {"yes", "true", "y", "t", "1", "on", NULL};
    return value != NULL && is_one_of(value, words);
}

bool mask_parse(const char *value, uint32_t *mask)
{
    static const char *const off[] = {"no", "false", "n", "f", "off", NULL};
    if (value == NULL || *value == '\0')
        return false;
    if (value[strspn(value, "0123456789")] == '\0') {
        int number = (int)(uint32_t)strtoul(value, NULL, 10);
        if (number < 0)
            return false;
        *mask = (uint32_t)number;
    } else if (is_one_of(value, off)) {
        *mask = 0;
    } else if (mask_is_true(value)) {
        *mask = CLASS_ALL;
    } else {
        *mask = mask_from_names(value);
    }
    return true;
}

void mask_format(uint32_t mask, char *out, size_t limit)
{
    size_t used = 0;
    if (mask == 0) {
        snprintf(out, limit, "<none>");
        return;
    }
    for (size_t i = 0; i < sizeof classes / sizeof *classes && used < limit; i++)
        if ((mask & classes[i].bit) == classes[i].bit || (classes[i].bit == CLASS_ALL))
            used += (size_t)snprintf(out + used, limit - used, "%s%s", used == 0 ? "" : ",", classes[i].name);
}
