// contrib/ampctl/table.c: see table.h.
#include "table.h"

#include "base/memory.h"
#include "json.h"
#include "text.h"

#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#define SEPARATOR "  "
#define SEPARATOR_WIDTH 2

struct table {
    const struct table_column *columns;
    const struct table_look *looks; // NULL: as they are
    size_t column_count, row_count;
    char **cells;      // rows of column_count; NULL: not set
    unsigned left_out; // columns up to this place of the order `narrow` were left out
};

struct table *table_create(const struct table_column *columns, size_t count)
{
    struct table *table = memory_zero(1, sizeof *table);

    table->columns = columns;
    table->column_count = count;
    return table;
}

void table_set_looks(struct table *table, const struct table_look *looks)
{
    table->looks = looks;
}

void table_destroy(struct table *table)
{
    if (table == NULL)
        return;
    for (size_t i = 0; i < table->row_count * table->column_count; i++)
        free(table->cells[i]);
    free(table->cells);
    free(table);
}

size_t table_add_row(struct table *table)
{
    size_t used = table->row_count * table->column_count;

    table->cells = memory_grow(table->cells, (used + table->column_count) * sizeof(char *));
    for (size_t i = 0; i < table->column_count; i++)
        table->cells[used + i] = NULL;
    return table->row_count++;
}

void table_set(struct table *table, size_t row, size_t column, struct span value)
{
    char **cell = &table->cells[row * table->column_count + column];

    free(*cell);
    *cell = memory_text_of(value.length > 0 ? value.bytes : "", value.length);
}

size_t table_rows(const struct table *table)
{
    return table->row_count;
}

const char *table_cell(const struct table *table, size_t row, size_t column)
{
    const char *cell = table->cells[row * table->column_count + column];

    return cell != NULL ? cell : "";
}

void table_print_rows(const struct table *table, const char *word)
{
    for (size_t row = 0; row < table->row_count; row++) {
        if (word != NULL)
            fputs(word, stdout);
        for (size_t column = 0; column < table->column_count; column++) {
            if (column > 0 || word != NULL)
                putchar('\t');
            text_write(stdout, span_of(table_cell(table, row, column)), TEXT_ONE_LINE);
        }
        putchar('\n');
    }
}

json_t *table_to_json(const struct table *table)
{
    json_t *list = json_array();

    for (size_t row = 0; row < table->row_count; row++) {
        json_t *object = json_object();
        for (size_t column = 0; column < table->column_count; column++) {
            struct span text = span_of(table_cell(table, row, column));
            bool number = table->columns[column].kind == TABLE_NUMBER;
            json_object_set_new(object, table->columns[column].key, number ? json_of_number(text) : json_of_text(text));
        }
        json_array_append_new(list, object);
    }
    return list;
}

bool table_has(const struct table *table, size_t column)
{
    for (size_t row = 0; row < table->row_count; row++) {
        if (table_cell(table, row, column)[0] != '\0')
            return true;
    }
    return false;
}

static bool is_good(const char *state)
{
    return strcmp(state, "up") == 0 || strcmp(state, "alive") == 0 || strcmp(state, "active") == 0;
}

/** Do people see the column, if there is room for it? */
static bool is_wanted(const struct table *table, size_t column)
{
    const struct table_look *look = table->looks == NULL ? NULL : &table->looks[column];

    return look == NULL || (!look->hidden && (!look->optional || table_has(table, column)));
}

static bool is_shown(const struct table *table, size_t column)
{
    unsigned narrow = table->looks == NULL ? 0 : table->looks[column].narrow;

    return is_wanted(table, column) && (narrow == 0 || narrow > table->left_out);
}

/** Returns a cell as people see it, escaped; the caller frees it. */
static char *cell_text(const struct table *table, size_t row, size_t column)
{
    const char *text = table_cell(table, row, column);
    char buffer[64];

    if (table->looks != NULL && table->looks[column].show != NULL && text[0] != '\0')
        text = table->looks[column].show(buffer, sizeof buffer, text);
    return text_escaped(span_of(text), TEXT_TERMINAL);
}

/** Returns how many columns of the terminal the text takes. */
static size_t text_columns(const char *text)
{
    wchar_t wide[512];
    size_t length = mbstowcs(wide, text, sizeof wide / sizeof wide[0]);
    int columns = length == (size_t)-1 || length == sizeof wide / sizeof wide[0] ? -1 : wcswidth(wide, length);

    return columns < 0 ? strlen(text) : (size_t)columns;
}

static size_t column_width(const struct table *table, size_t column)
{
    size_t most = strlen(table->columns[column].title);

    for (size_t row = 0; row < table->row_count; row++) {
        char *text = cell_text(table, row, column);
        size_t width = text_columns(text);
        most = width > most ? width : most;
        free(text);
    }
    return most;
}

/** Leaves columns out until the rows fit the terminal, or none is left that may be left out. */
static void table_fit(struct table *table, size_t width)
{
    size_t *widths = memory_zero(table->column_count + 1, sizeof *widths), total;
    unsigned most = 0;

    for (size_t column = 0; column < table->column_count; column++) {
        widths[column] = column_width(table, column) + SEPARATOR_WIDTH;
        if (table->looks != NULL && table->looks[column].narrow > most)
            most = table->looks[column].narrow;
    }
    for (table->left_out = 0;; table->left_out++) {
        total = 0;
        for (size_t column = 0; column < table->column_count; column++)
            total += is_shown(table, column) ? widths[column] : 0;
        if (total <= width + SEPARATOR_WIDTH || table->left_out == most)
            break;
    }
    free(widths);
}

void table_print_left_out(const struct table *table)
{
    bool is_first = true;

    for (size_t column = 0; table->row_count > 0 && column < table->column_count; column++) {
        if (is_wanted(table, column) && !is_shown(table, column)) {
            printf("%s%s", is_first ? "(no room for: " : ", ", table->columns[column].title);
            is_first = false;
        }
    }
    if (!is_first)
        puts(")");
}

static void fill_line(const struct table *table, size_t row, struct libscols_line *line, bool colour)
{
    size_t place = 0;

    for (size_t column = 0; column < table->column_count; column++) {
        const struct table_column *kind = &table->columns[column];
        const char *text = table_cell(table, row, column);
        if (!is_shown(table, column))
            continue;
        scols_line_refer_data(line, place, cell_text(table, row, column));
        if (colour && kind->kind == TABLE_STATE && text[0] != '\0')
            scols_cell_set_color(scols_line_get_cell(line, place), is_good(text) ? "green" : "red");
        place++;
    }
}

static void table_fill(const struct table *table, struct libscols_table *shown, bool colour)
{
    for (size_t row = 0; row < table->row_count; row++) {
        struct libscols_line *line = scols_table_new_line(shown, NULL);
        if (line != NULL)
            fill_line(table, row, line, colour);
    }
}

/** Shows an aligned table. libsmartcols knows the width of characters and of the terminal. */
static void print_aligned(struct table *table, bool headings)
{
    struct libscols_table *shown = scols_new_table();
    struct winsize size;
    bool colour = text_wants_colour(STDOUT_FILENO);

    if (shown == NULL) {
        table_print_rows(table, NULL);
        return;
    }
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) // a terminal may not know its size
        table_fit(table, size.ws_col);
    scols_table_enable_noheadings(shown, !headings);
    scols_table_enable_colors(shown, colour);
    scols_table_enable_noencoding(shown, 1); // escaped already
    scols_table_set_column_separator(shown, SEPARATOR);
    for (size_t column = 0; column < table->column_count; column++) {
        if (is_shown(table, column))
            scols_table_new_column(shown, table->columns[column].title, 0,
                                   table->columns[column].kind == TABLE_NUMBER ? SCOLS_FL_RIGHT : 0);
    }
    table_fill(table, shown, colour);
    if (table->row_count > 0)
        scols_print_table(shown);
    scols_unref_table(shown);
}

void table_print(struct table *table, bool json, bool headings)
{
    if (json)
        json_print(table_to_json(table));
    else if (isatty(STDOUT_FILENO) == 1)
        print_aligned(table, headings);
    else
        table_print_rows(table, NULL);
}
