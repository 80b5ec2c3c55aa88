// core/config/readers.h: one reader per type of value, for the table in settings.c. Thread: the one that loads.
#ifndef CONFIG_READERS_H
#define CONFIG_READERS_H

#include "config/settings.h"

/** Reads one value into `field`. @param node  NULL: `text` is the row's default
 *  @return VALUE_WRONG: the caller reports what the row expects */
typedef enum value_result value_reader(struct settings *settings, const struct setting *row,
                                       const struct yaml_node *node, struct span text, void *field);

value_reader reader_text, reader_path, reader_log_target, reader_secret, reader_secret_file, reader_secret_lines,
    reader_bool, reader_choice;
value_reader reader_number, reader_workers, reader_names, reader_paths, reader_classes, reader_events;
value_reader reader_filters, reader_networks, reader_urls, reader_origins;

struct filter_list;
/** Frees what reader_filters() made. */
void filters_free(struct filter_list *list);

#endif
