// core/config/report.c: writes errors in the configuration: place, message, the line and a caret.
#include "config/report.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdlib.h>

#define EXCERPT_BYTES 200 // only the beginning of a longer line is shown

void report_init(struct report *report)
{
    *report = (struct report){0};
    report->out = open_memstream(&report->text, &report->length);
    if (report->out == NULL)
        memory_exhausted(0);
}

char *report_finish(struct report *report)
{
    if (report->count > REPORT_LIMIT)
        fprintf(report->out, "and %zu more\n", report->count - REPORT_LIMIT);
    if (fclose(report->out) != 0 || report->text == NULL)
        memory_exhausted(0); // a stream in memory fails only if there is no memory
    char *text = report->text;
    bool any = report->count > 0;
    *report = (struct report){0};
    if (any)
        return text;
    free(text);
    return NULL;
}

/** Returns how many bytes of a line stand before a user in a URL, which a secret may follow: all, if there is none. */
static size_t length_before_user(struct span line)
{
    const char *user = memmem(line.bytes, line.length, "://", 3);
    if (user == NULL || memchr(user, '@', line.length - (size_t)(user - line.bytes)) == NULL)
        return line.length;
    return (size_t)(user - line.bytes) + 3;
}

/** Returns how many bytes of a line may be shown: those up to the colon after a word that names a secret, or up to a
 *  user in a URL, else all. */
static size_t harmless_length(struct span line)
{
    static const char *const words[] = {"secret", "seed", "proxy_key", "pass"};
    size_t shown = length_before_user(line);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = strlen(words[i]);
        for (size_t at = 0; at + length <= line.length; at++) {
            if (strncasecmp(line.bytes + at, words[i], length) != 0)
                continue;
            const char *colon = memchr(line.bytes + at, ':', line.length - at);
            if (colon == NULL)
                continue;
            size_t end = (size_t)(colon - line.bytes) + 1;
            if (strncmp(line.bytes + at + length, "_file:", 6) != 0 && end < shown)
                shown = end;
        }
    }
    return shown;
}

static void print_excerpt(FILE *out, struct span line, size_t column, bool key_only)
{
    struct span start = {line.bytes, line.length > EXCERPT_BYTES ? EXCERPT_BYTES : line.length};
    size_t shown = harmless_length(start);
    if (key_only && column <= shown) {
        const char *colon = memchr(start.bytes + column - 1, ':', shown - (column - 1));
        shown = colon == NULL ? shown : (size_t)(colon - start.bytes) + 1;
    }
    for (size_t i = 0; i < shown; i++) {
        unsigned char byte = (unsigned char)start.bytes[i];
        fputc((byte < 0x20 && byte != '\t') || byte == 0x7f ? '?' : byte, out);
    }
    fputs(shown < line.length ? " …\n" : "\n", out);
    if (column > EXCERPT_BYTES)
        return;
    size_t at = 1;
    for (size_t i = 0; at < column; i++) { // columns count characters: skip continuation bytes of UTF-8
        if (i < line.length && ((unsigned char)line.bytes[i] & 0xc0) == 0x80)
            continue;
        fputc(i < line.length && line.bytes[i] == '\t' ? '\t' : ' ', out);
        at++;
    }
    fputs("^\n", out);
}

void report_add(struct report *report, const struct source *source, size_t line, size_t column, const char *path,
                bool key_only, const char *format, ...)
{
    if (++report->count > REPORT_LIMIT)
        return;
    fprintf(report->out, "%s:", source->path);
    if (line > 0)
        fprintf(report->out, "%zu:%zu:", line, column);
    if (path[0] != '\0')
        fprintf(report->out, " %s:", path);
    fputc(' ', report->out);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(report->out, format, arguments);
    va_end(arguments);
    fputc('\n', report->out);
    if (line > 0)
        print_excerpt(report->out, source_line(source, line), column, key_only);
}
