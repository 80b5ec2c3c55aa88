// core/config/values.c: numbers, durations and sizes.
#include "config/values.h"

#include <stdio.h>

struct unit {
    const char *name;
    uint64_t factor;
};

static const struct unit duration_units[] = {{"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};
static const struct unit size_units[] = {{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}};

#define UNITS 4

bool value_number(struct span text, uint64_t *number)
{
    bool is_padded = text.length > 1 && text.bytes[0] == '0'; // YAML would take some of these for octal

    return !is_padded && span_number(text, 0, UINT64_MAX, number);
}

static bool number_with_unit(struct span text, const struct unit *units, uint64_t *value)
{
    size_t digits = 0;
    while (digits < text.length && text.bytes[digits] >= '0' && text.bytes[digits] <= '9')
        digits++;
    struct span name = {text.bytes + digits, text.length - digits};
    uint64_t number;
    if (!value_number((struct span){text.bytes, digits}, &number))
        return false;
    for (size_t i = 0; i < UNITS; i++)
        if (span_equals(name, span_of(units[i].name)))
            return !__builtin_mul_overflow(number, units[i].factor, value);
    return false;
}

bool value_duration(struct span text, uint64_t *milliseconds)
{
    return number_with_unit(text, duration_units, milliseconds);
}

bool value_size(struct span text, uint64_t *bytes)
{
    return number_with_unit(text, size_units, bytes);
}

static const char *with_unit(uint64_t value, const struct unit *units, char *buffer, size_t size)
{
    size_t i = 0;
    while (i + 1 < UNITS && (value == 0 || value % units[i].factor != 0))
        i++;
    snprintf(buffer, size, "%llu%s", (unsigned long long)(value / units[i].factor), units[i].name);
    return buffer;
}

const char *value_duration_text(uint64_t milliseconds, char *buffer, size_t size)
{
    return with_unit(milliseconds, duration_units, buffer, size);
}

const char *value_size_text(uint64_t bytes, char *buffer, size_t size)
{
    return with_unit(bytes, size_units, buffer, size);
}

bool value_has_control(struct span text)
{
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.bytes[i] < 0x20 || text.bytes[i] == 0x7f)
            return true;
    return false;
}
