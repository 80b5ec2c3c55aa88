// core/ami/device.c: see device.h.
#include "ami/device.h"

#include <ctype.h>

#define LOCAL "Local/"

static struct span device_cut(struct span text, size_t length)
{
    return (struct span){text.bytes, length};
}

static bool device_begins(struct span text, struct span beginning)
{
    return text.length >= beginning.length && span_equals_nocase(device_cut(text, beginning.length), beginning);
}

static bool is_local(struct span name)
{
    return device_begins(name, span_of(LOCAL));
}

/** Returns the name of a Local channel without the options of its dial string: letters after the last slash. */
static struct span without_options(struct span name)
{
    size_t length = name.length;

    while (length > 0 && isalpha((unsigned char)name.bytes[length - 1]))
        length--;
    if (is_local(name) && length > strlen(LOCAL) && length < name.length && name.bytes[length - 1] == '/')
        return device_cut(name, length - 1);
    return name;
}

static struct device_entry device_entry_with(struct span text, bool is_prefix)
{
    uint64_t mask = text.length >= sizeof mask ? UINT64_MAX : ~(UINT64_MAX >> 8 * text.length);

    return (struct device_entry){text, is_prefix, span_key_nocase(text), mask};
}

struct device_entry device_entry_of(const char *text)
{
    struct span entry = span_of(text);
    char last = entry.length > 0 ? entry.bytes[entry.length - 1] : '\0';

    if (last == '*' || last == '/')
        return device_entry_with(device_cut(entry, entry.length - (last == '*')), true);
    return device_entry_with(without_options(device_cut(entry, entry.length - (last == '-'))), false);
}

/** Reads a name. A list of devices matches nothing. */
static struct device_name device_name_of(struct span text)
{
    if (text.length == 0 || memchr(text.bytes, '&', text.length) != NULL)
        return (struct device_name){0};
    return (struct device_name){text, without_options(text).length, span_key_nocase(text)};
}

bool device_entry_is(struct device_entry entry, struct span device)
{
    const struct device_name name = device_name_of(device);

    return device_entry_matches(entry, &name);
}

bool device_entry_lists(struct device_entry entry, struct span technology, struct span device)
{
    const char *slash = memchr(entry.text.bytes, '/', entry.text.length);

    if (device.length > 0 && memchr(device.bytes, '/', device.length) == NULL && slash != NULL) {
        struct span own = device_cut(entry.text, (size_t)(slash - entry.text.bytes));
        if (technology.length > 0 && !span_equals_nocase(own, technology))
            return false;
        entry = device_entry_with((struct span){slash + 1, entry.text.length - own.length - 1}, entry.is_prefix);
    }
    return device_entry_is(entry, device);
}

struct span device_of_channel(struct span channel)
{
    size_t length = channel.length, digits;

    if (length > 0 && channel.bytes[length - 1] == '>') { // <ZOMBIE>, <MASQ>
        while (length > 0 && channel.bytes[length - 1] != '<')
            length--;
        length -= length > 0;
    }
    if (length > 2 && (channel.bytes[length - 2] == ';' || channel.bytes[length - 2] == ',') &&
        (channel.bytes[length - 1] == '1' || channel.bytes[length - 1] == '2'))
        length -= 2; // the two halves of a Local channel: `;1`, or `,1` in Asterisk 1.4
    digits = length;
    while (length > 0 && isxdigit((unsigned char)channel.bytes[length - 1]))
        length--;
    return length == digits || length == 0 || channel.bytes[length - 1] != '-' ? (struct span){0}
                                                                               : device_cut(channel, length - 1);
}

struct device_channel device_channel_of(struct span name)
{
    return (struct device_channel){device_name_of(name), device_name_of(device_of_channel(name))};
}

bool device_entry_has_channel(struct device_entry entry, struct span channel)
{
    const struct device_channel read = device_channel_of(channel);

    return device_entry_has(entry, &read);
}

struct span device_local_context(struct span dial)
{
    size_t start = strlen(LOCAL);
    const char *end, *at;

    if (!is_local(dial))
        return (struct span){0};
    dial = (struct span){dial.bytes + start, dial.length - start};
    end = memchr(dial.bytes, '/', dial.length);
    if (end != NULL)
        dial.length = (size_t)(end - dial.bytes);
    at = memchr(dial.bytes, '@', dial.length);
    return at == NULL ? (struct span){0} : (struct span){at + 1, (size_t)(dial.bytes + dial.length - at) - 1};
}
