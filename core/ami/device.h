// core/ami/device.h: matches names of devices (`SIP/100`) and of their channels (`SIP/100-0000001f`) against the
// `channel:` of a user's entry. Whole names are compared, not their beginnings: `SIP/100` does not match `SIP/1001`,
// `SIP/100-office` or `SIP/100@elsewhere`.  Pure. Thread: any.
#ifndef AMI_DEVICE_H
#define AMI_DEVICE_H

#include "base/span.h"

/** A `channel:` of an entry, parsed. Its text is lent by the entry. */
struct device_entry {
    struct span text; // a device without a final `-` or a Local channel's options; a prefix without its `*`
    bool is_prefix;
    uint64_t key, mask; // span_key_nocase() of the text, and the bits of it that its length fills
};

/** Parses a `channel:`. A text that ends in `*` or `/` is a prefix; any other (`SIP/100`, or `SIP/100-`) a device. */
struct device_entry device_entry_of(const char *text);

/** Does the entry match this device, as named by a dial string or an interface? A list of devices (`SIP/1&SIP/2`)
 *  matches no entry. The options of a Local channel (`Local/1@context/n`) are not part of its name. */
bool device_entry_is(struct device_entry entry, struct span device);
/** device_entry_is() for a name that may lack its technology, as in items of lists: `100` matches `SIP/100`.
 *  @param technology  the technology of such a name; empty: unknown, and any matches */
bool device_entry_lists(struct device_entry entry, struct span technology, struct span device);

/** A name that entries are compared with. */
struct device_name {
    struct span text;   // empty: it matches no entry
    size_t bare_length; // without the options of a Local channel
    uint64_t key;       // span_key_nocase()
};

/** The name of a channel, read once for any number of entries. */
struct device_channel {
    struct device_name whole;  // Agent/1001, Console/dsp: channels with the name of their device
    struct device_name device; // device_of_channel()
};

struct device_channel device_channel_of(struct span name);

/** Does the entry match the name? */
static inline bool device_entry_matches(struct device_entry entry, const struct device_name *name)
{
    const size_t length = entry.text.length;

    return name->text.length >= length && name->text.length > 0 &&
           (entry.is_prefix || name->text.length == length || name->bare_length == length) &&
           ((name->key ^ entry.key) & entry.mask) == 0 &&
           (length <= sizeof entry.key || span_equals_nocase((struct span){name->text.bytes, length}, entry.text));
}

/** Does the entry match the channel, or the device of that channel? */
static inline bool device_entry_has(struct device_entry entry, const struct device_channel *channel)
{
    return device_entry_matches(entry, &channel->whole) ||
           (!entry.is_prefix && device_entry_matches(entry, &channel->device));
}

/** device_entry_has() for a name that is compared with one entry only. */
bool device_entry_has_channel(struct device_entry entry, struct span channel);

/** Returns the device of a channel: the channel's name up to the last `-`, after which come hexadecimal digits and
 *  possibly a suffix of Asterisk: `;1`, `<ZOMBIE>`. (Formats of names in Asterisk: channels/chan_pjsip.c and chan_sip.c
 *  `%s-%08x`, main/core_unreal.c `%s@%s-%08x;%d`, channels/chan_iax2.c `%s-%d`, channels/chan_dahdi.c `%d-%d`.)
 *  @return empty: the name has another form */
struct span device_of_channel(struct span channel);

/** Returns the context of a dial string `Local/EXTENSION@CONTEXT/OPTIONS`, as Asterisk reads it (main/core_local.c: the
 *  options begin at the first `/`, in newer releases at the last; the context after the first `@` before it).
 *  @return read with the first `/`; empty, bytes NULL: there is none */
struct span device_local_context(struct span dial);

#endif
