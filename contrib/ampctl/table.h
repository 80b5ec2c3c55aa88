// contrib/ampctl/table.h: rows for people (aligned, on a terminal), for shells (tab-separated, no headings) and for
// programs (JSON). Thread: main's.
#ifndef AMPCTL_TABLE_H
#define AMPCTL_TABLE_H

#include "base/span.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum table_kind { TABLE_TEXT, TABLE_NUMBER, TABLE_STATE };

struct table_column {
    const char *title, *key; // for people; in JSON
    enum table_kind kind;    // NUMBER: to the right, a number in JSON; STATE: "up" and "alive" are green, others red
};

/** How people see a column. */
struct table_look {
    /** Shows a cell that is not empty; NULL: as it is. @return `buffer` */
    const char *(*show)(char *buffer, size_t size, const char *cell);
    bool optional;   // the column is not shown while all its cells are empty
    bool hidden;     // it is never shown
    unsigned narrow; // columns that do not fit the terminal are left out in this order, 1 first; 0: never
};

struct table;

/** @param columns  lent; outlive the table */
struct table *table_create(const struct table_column *columns, size_t count);
/** Sets how people see the columns. @param looks  one for each, lent; outlive the table */
void table_set_looks(struct table *table, const struct table_look *looks);
void table_destroy(struct table *table);
/** Adds an empty row. @return its place */
size_t table_add_row(struct table *table);
/** Sets a cell of a row that is there. */
void table_set(struct table *table, size_t row, size_t column, struct span value);
size_t table_rows(const struct table *table);
/** A cell's text, "" if it was not set. Lent. */
const char *table_cell(const struct table *table, size_t row, size_t column);
/** Writes it to stdout as a list of objects (`json`), aligned and without the columns that have no room (stdout is a
 *  terminal), else tab-separated.
 *  @param headings  on a terminal */
void table_print(struct table *table, bool json, bool headings);
/** Writes to stdout, a terminal, which columns the last aligned table was too wide for; nothing: for none. */
void table_print_left_out(const struct table *table);
/** Does a column have a cell that is not empty? */
bool table_has(const struct table *table, size_t column);
/** Writes the rows tab-separated, each with `word` before it: for several tables in one output. */
void table_print_rows(const struct table *table, const char *word);
/** Returns it as a list of objects, the caller's. */
json_t *table_to_json(const struct table *table);

#endif
