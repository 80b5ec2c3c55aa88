// core/config/secrets.h: reads secrets, and checks who else may read their files. Thread: the one that loads.
#ifndef CONFIG_SECRETS_H
#define CONFIG_SECRETS_H

#include "config/settings.h"

/** Reads a secret: its text, or the value of NAME for `${NAME}`. @param secret  set to a text for source_wipe() */
enum value_result secret_read(struct settings *settings, const struct setting *row, const struct yaml_node *node,
                              char **secret);
/** Reads the file that `node` names; one newline at its end is ignored. */
enum value_result secret_read_file(struct settings *settings, const struct yaml_node *node, char **secret);
/** Reads the file that `node` names, which may have several lines; blank lines and blanks at its end are kept. */
enum value_result secret_read_lines(struct settings *settings, const struct yaml_node *node, char **secret);
/** Refuses a file with plain secrets that everybody may read, unless it says `insecure_permissions: allow`. Adds other
 *  files to the exposures. Call it after the file was read. */
void secrets_check_permissions(struct settings *settings);

#endif
