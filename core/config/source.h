// core/config/source.h: one file that was read, kept so that an error message can show the line.
// Thread: the one that loads the configuration.
#ifndef CONFIG_SOURCE_H
#define CONFIG_SOURCE_H

#include "base/error.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

#define SOURCE_LIMIT ((size_t)64 * 1024 * 1024) // a configuration file; more is refused
#define SECRET_LIMIT ((size_t)4096)             // a file named by `secret_file:`

/** A file's bytes and its attributes. Contains secrets: source_fini() wipes it. */
struct source {
    char *path;   // as shown in errors
    char *folder; // absolute; relative paths in the file start here
    char *bytes;  // NULL if never read
    size_t length;
    unsigned mode;          // permission bits
    bool open_secrets;      // the file says `insecure_permissions: allow`
    unsigned group;         // group of the file
    const void *plain_node; // the first yaml_node with a secret in plain text; NULL: none
    bool has_hash;          // a secret that is a hash
};

/** Fills `source` with the file at `path`, at most `limit` bytes. A parameter of the loader, so that tests and fuzzers
 *  need no files. @return false with `err` set (the reason only, no path) */
typedef bool source_reader(const char *path, size_t limit, struct source *source, struct error *err);

/** Makes `source` of bytes (copied) and a name. The caller calls source_fini(). */
void source_init(struct source *source, const char *path, struct span bytes, unsigned mode);
void source_fini(struct source *source);
/** The source_reader for real files. */
bool source_read(const char *path, size_t limit, struct source *source, struct error *err);
/** Line `number` (from 1) without its end, empty if there is none. Lent by the source. */
struct span source_line(const struct source *source, size_t number);
/** `text` as a path, relative to this file's folder. The caller frees. */
char *source_resolve(const struct source *source, struct span text);
/** `path` made absolute by the working folder, if that is known. The caller frees. */
char *source_absolute(const char *path);
/** Overwrites and frees a text that may be secret; NULL is fine. */
void source_wipe(char *text);

#endif
