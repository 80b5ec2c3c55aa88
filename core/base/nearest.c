// core/base/nearest.c: see nearest.h.
#include "base/nearest.h"

static char lower_byte(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte + 32) : byte;
}

/** Counts the letters to insert, delete, replace or exchange with the next (Damerau distance), without case. */
static size_t nearest_distance(struct span name, const char *known, size_t length)
{
    size_t rows[3][NEAREST_LONGEST + 1] = {{0}};

    for (size_t k = 0; k <= length; k++)
        rows[0][k] = k;
    for (size_t i = 1; i <= name.length; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *second = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t k = 1; k <= length; k++) {
            char a = lower_byte(name.bytes[i - 1]), b = lower_byte(known[k - 1]);
            size_t least = above[k - 1] + (a != b);
            least = above[k] + 1 < least ? above[k] + 1 : least;
            least = row[k - 1] + 1 < least ? row[k - 1] + 1 : least;
            if (i > 1 && k > 1 && a == lower_byte(known[k - 2]) && lower_byte(name.bytes[i - 2]) == b)
                least = second[k - 2] + 1 < least ? second[k - 2] + 1 : least;
            row[k] = least;
        }
    }
    return rows[name.length % 3][length];
}

void nearest_begin(struct nearest *nearest, struct span name)
{
    *nearest = (struct nearest){.name = name, .least = name.length / 3 < 3 ? name.length / 3 : 3};
}

void nearest_try(struct nearest *nearest, const char *known)
{
    struct span name = nearest->name;
    size_t length = strlen(known);

    if (name.length == 0 || name.length > NEAREST_LONGEST || length > NEAREST_LONGEST ||
        length > name.length + nearest->least || name.length > length + nearest->least)
        return;
    size_t found = nearest_distance(name, known, length);
    if (found < nearest->least + (nearest->best == NULL)) {
        nearest->best = known;
        nearest->least = found;
    }
}

const char *nearest_of(struct span name, const char *const *names, size_t count)
{
    struct nearest nearest;

    nearest_begin(&nearest, name);
    for (size_t i = 0; i < count; i++)
        nearest_try(&nearest, names[i]);
    return nearest.best;
}
