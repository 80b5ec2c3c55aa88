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

struct device_entry device_entry_of(const char *text)
{
    struct span entry = span_of(text);
    char last = entry.length > 0 ? entry.bytes[entry.length - 1] : '\0';

    if (last == '*' || last == '/')
        return (struct device_entry){device_cut(entry, entry.length - (last == '*')), true};
    return (struct device_entry){without_options(device_cut(entry, entry.length - (last == '-'))), false};
}

bool device_entry_is(struct device_entry entry, struct span device)
{
    if (device.length == 0 || !device_begins(device, entry.text) || memchr(device.bytes, '&', device.length) != NULL)
        return false;
    return entry.is_prefix || device.length == entry.text.length || without_options(device).length == entry.text.length;
}

bool device_entry_lists(struct device_entry entry, struct span technology, struct span device)
{
    const char *slash = memchr(entry.text.bytes, '/', entry.text.length);

    if (device.length > 0 && memchr(device.bytes, '/', device.length) == NULL && slash != NULL) {
        struct span own = device_cut(entry.text, (size_t)(slash - entry.text.bytes));
        if (technology.length > 0 && !span_equals_nocase(own, technology))
            return false;
        entry.text = (struct span){slash + 1, entry.text.length - own.length - 1};
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

bool device_entry_has_channel(struct device_entry entry, struct span channel)
{
    if (device_entry_is(entry, channel)) // Agent/1001, Console/dsp: channels with the name of their device
        return true;
    return !entry.is_prefix && device_entry_is(entry, device_of_channel(channel));
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
