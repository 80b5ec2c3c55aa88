/* SPDX-License-Identifier: GPL-2.0-or-later */
/** astmanproxy/catalogue.h: what the program knows of MIME types, actions, events and errors. A part of
 *  astmanproxy/plugin.h, which includes it. Threads: any; pure. */
#ifndef ASTMANPROXY_CATALOGUE_H
#define ASTMANPROXY_CATALOGUE_H

#ifndef ASTMANPROXY_PLUGIN_H
#error "include astmanproxy/plugin.h"
#endif

/** Is this the MIME type of a text? Other types are binary: they have no character set, are sent in binary frames, and
 *  without a banner line. The function is compiled into the plugin, so it does not depend on a minor version. */
static inline bool amp_type_is_text(const char *type)
{
    size_t length = strcspn(type, "; ");
    if (strncasecmp(type, "text/", 5) == 0)
        return true;
    return (length == 16 && strncasecmp(type, "application/json", length) == 0) ||
           (length == 15 && strncasecmp(type, "application/xml", length) == 0) ||
           (length == 22 && strncasecmp(type, "application/javascript", length) == 0) ||
           (length > 5 && strncasecmp(type + length - 5, "+json", 5) == 0) ||
           (length > 4 && strncasecmp(type + length - 4, "+xml", 4) == 0);
}

/** Returns the stable code of an Error (`unknown-server`): see astmanproxy(8), ERROR CODES. Texts of scripts and other
 *  plugins have a code of their reason. @param text  value of its `Message:` @return static. Since 1.7 */
AMP_EXPORT const char *amp_error_code(struct amp_bytes text, enum amp_reason reason);

/** Does the action (`QueueStatus`) or proxy action (`ListServers`) only read? @return false: perhaps not, or unknown */
AMP_EXPORT bool amp_action_only_reads(struct amp_bytes action);

/* --- the tables, for descriptions that machines read. Since 1.7 ----------------------------------------------------
 * Lists of names are separated by blanks; an empty text is an empty list. The caller sets `size`; the texts are valid
 * as long as the program. Each function returns false at the end of its table. */

/** An action of Asterisk. */
struct amp_action_info {
    uint32_t size; /**< sizeof(struct amp_action_info) */
    const char *name;
    const char *classes;    /**< write classes, any of which allows it, separated by commas; empty: each user may */
    const char *effect;     /**< `session`, `local` (answered by the proxy), `reads` or `changes` */
    const char *shape;      /**< `single`: a response; `list`; `event`: a response and an event; `text` */
    const char *completion; /**< the event that ends a list; NULL: it is none */
    const char *arguments;  /**< `!` behind a required one, `*` behind one that may be repeated; NULL: not known */
    const char *items;      /**< events of the list, without its last; NULL: not known */
};
AMP_EXPORT bool amp_action_info(uint32_t index, struct amp_action_info *info);

/** An event of Asterisk 18 to 24, or of the proxy. */
struct amp_event_info {
    uint32_t size; /**< sizeof(struct amp_event_info) */
    const char *name;
    const char *classes;  /**< of its Privilege, separated by commas */
    const char *channels; /**< prefixes of its blocks about channels; `.`: the empty one */
    const char *bridges;  /**< prefixes of its blocks about bridges */
    const char *headers;  /**< the others */
    const char *until;    /**< the last branch that has it; empty: 24 has it */
    bool is_own;          /**< the proxy makes it */
};
AMP_EXPORT bool amp_event_info(uint32_t index, struct amp_event_info *info);
/** Returns header `index` of a block about a channel, or about a bridge, without its prefix; NULL: the end. */
AMP_EXPORT const char *amp_event_block(bool bridge, uint32_t index);
/** Returns code `index` of Errors; NULL: the end. */
AMP_EXPORT const char *amp_error_code_at(uint32_t index);

#endif
