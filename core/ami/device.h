// core/ami/device.h: names of devices (`SIP/100`) and of the channels that Asterisk makes of them
// (`SIP/100-0000001f`), as an entry `channel:` of a user means them. Device and channel are compared as such, never by
// how their names begin: `SIP/100` has nothing to do with `SIP/1001`, `SIP/100-office` or `SIP/100@elsewhere`.
// Pure. Thread: any.
#ifndef AMI_DEVICE_H
#define AMI_DEVICE_H

#include "base/span.h"

/** An entry `channel:`, read. Lent: lives as long as the entry's text. */
struct device_entry {
    struct span text; // of a device without what may stand behind it (`-`, a Local channel's options); of a prefix
                      // without its `*`
    bool is_prefix;
};

/** Reads an entry: what ends in `*` or `/` is a prefix, anything else (`SIP/100`, or `SIP/100-`) a device. */
struct device_entry device_entry_of(const char *text);

/** Does the entry mean this device, as a dial string or an interface names it? More than the name of one device
 *  (`SIP/1&SIP/2`) is nobody's. A Local channel's options (`Local/1@context/n`) belong to no name. */
bool device_entry_is(struct device_entry entry, struct span device);
/** device_entry_is() for a name that may lack its technology, as items of lists do: `100` is `SIP/100`.
 *  @param technology  of such a name, empty: not known, then it is of any */
bool device_entry_lists(struct device_entry entry, struct span technology, struct span device);
/** Does the entry mean the channel of that name, a channel of its device? */
bool device_entry_has_channel(struct device_entry entry, struct span channel);

/** The device of a channel: its name up to the last `-`, behind which stand hexadecimal digits, then what Asterisk
 *  hangs on: `;1`, `<ZOMBIE>`. (Names are made so in Asterisk: channels/chan_pjsip.c and chan_sip.c `%s-%08x`,
 *  main/core_unreal.c `%s@%s-%08x;%d`, channels/chan_iax2.c `%s-%d`, channels/chan_dahdi.c `%d-%d`.)
 *  @return empty: the name is not made so */
struct span device_of_channel(struct span channel);

/** The context of a dial string `Local/EXTENSION@CONTEXT/OPTIONS`, as Asterisk reads it (main/core_local.c: options
 *  begin at the first `/`, the context at the first `@` before it). @return empty, bytes NULL: it names none */
struct span device_local_context(struct span dial);

#endif
