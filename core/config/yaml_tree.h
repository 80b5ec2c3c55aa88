// core/config/yaml_tree.h: YAML as a tree in which every node knows its place. These are errors: duplicate keys,
// anchors and aliases, tags, merge keys, a second document, nesting deeper than YAML_DEPTH. Thread: the one that loads.
#ifndef CONFIG_YAML_TREE_H
#define CONFIG_YAML_TREE_H

#include "base/span.h"
#include "config/report.h"
#include "config/source.h"

#include <stdbool.h>
#include <stddef.h>

#define YAML_DEPTH 8     // the configuration needs 4
#define YAML_MAP_KEYS 64 // keys of one mapping

enum yaml_kind {
    YAML_SCALAR,
    YAML_LIST,
    YAML_MAP,
    YAML_REFUSED, // its error is already in the report; skip it
};

struct yaml_node {
    enum yaml_kind kind;
    const struct source *source;
    struct yaml_node *parent;    // NULL: the root
    size_t line, column;         // of the value, from 1
    size_t key_line, key_column; // in a mapping: of the key
    char *key;                   // in a mapping: its key, NUL-terminated; NULL in a list
    size_t index;                // place among the parent's children
    char *text;                  // scalar: bytes of the value, NUL-terminated, but it may hold NULs too
    size_t length;
    bool plain; // scalar: written without quotes
    struct yaml_node **children;
    size_t child_count;
};

/** Parses all of `source`, which must outlive the tree.
 *  @return the root, NULL if the source is empty or has errors that prevent a check of its keys (then `report` has
 * them)
 */
struct yaml_node *yaml_tree_parse(const struct source *source, struct report *report);
void yaml_tree_free(struct yaml_node *node);
/** The value of a key; NULL if `map` is NULL or no mapping, or has no such key. Lent by the tree. */
struct yaml_node *yaml_tree_find(const struct yaml_node *map, const char *key);
/** No value: `key:`, `~` or `null`. */
bool yaml_tree_is_null(const struct yaml_node *node);
/** Bytes of a scalar; empty for other kinds. */
struct span yaml_tree_text(const struct yaml_node *node);
/** Reports an error at the value of `node`, with its path. */
void yaml_tree_report(struct report *report, const struct yaml_node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** Reports an error at the key of `node` (an unknown or duplicate key). */
void yaml_tree_report_key(struct report *report, const struct yaml_node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** Reports that the mapping `map` lacks `key`. */
void yaml_tree_report_missing(struct report *report, const struct yaml_node *map, const char *key,
                              const char *expected);

#endif
