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

#endif
