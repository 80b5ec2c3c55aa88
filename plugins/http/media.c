// plugins/http/media.c: see media.h.
#include "media.h"

#include <string.h>

static const struct {
    const char *type, *format;
} types[] = {
    {"application/json", "json"}, {"text/json", "json"}, {"text/xml", "xml"},
    {"application/xml", "xml"},   {"text/csv", "csv"},   {"text/plain", "standard"},
};

static const struct {
    const char *extension, *type;
} files[] = {
    {".html", "text/html; charset=utf-8"},
    {".htm", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".json", "application/json; charset=utf-8"},
    {".map", "application/json; charset=utf-8"},
    {".xml", "text/xml; charset=utf-8"},
    {".csv", "text/csv; charset=utf-8"},
    {".txt", "text/plain; charset=utf-8"},
    {".md", "text/plain; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".gif", "image/gif"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".wav", "audio/wav"},
    {".mp3", "audio/mpeg"},
    {".wasm", "application/wasm"},
    {".pdf", "application/pdf"},
};

/** Returns the type without its parameters. */
static struct amp_bytes media_essence(struct amp_bytes type)
{
    struct amp_bytes part = {0};
    text_next(&type, ';', &part);
    return text_trim(part);
}

const char *media_format(struct amp_bytes type)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (text_is(media_essence(type), types[i].type))
            return types[i].format;
    }
    return NULL;
}

bool media_is_form(struct amp_bytes type)
{
    return text_is(media_essence(type), "application/x-www-form-urlencoded");
}

/** Returns the weight of a media range in thousandths; 0 if it is malformed. */
static unsigned media_weight(struct amp_bytes range)
{
    struct amp_bytes part;
    text_next(&range, ';', &part);
    while (text_next(&range, ';', &part)) {
        part = text_trim(part);
        if (part.length < 3 || (part.bytes[0] | 0x20) != 'q' || part.bytes[1] != '=')
            continue;
        unsigned thousandths = 0;
        unsigned unit = 1000;
        for (size_t i = 2; i < part.length && unit > 0; i++) {
            if (part.bytes[i] == '.' && i == 3)
                continue;
            if (part.bytes[i] < '0' || part.bytes[i] > '9')
                return 0;
            thousandths += (unsigned)(part.bytes[i] - '0') * unit;
            unit /= 10;
        }
        return thousandths > 1000 ? 1000 : thousandths;
    }
    return 1000;
}

bool media_accepts(struct amp_bytes accept, const char *type)
{
    struct amp_bytes range;
    while (text_next(&accept, ',', &range)) {
        if (text_is(media_essence(range), type) && media_weight(range) > 0)
            return true;
    }
    return false;
}

const char *media_choose(struct amp_bytes accept, bool (*has)(void *context, const char *format), void *context)
{
    const char *best = NULL;
    unsigned best_weight = 0;
    struct amp_bytes all = accept, range;
    while (text_next(&accept, ',', &range)) {
        const char *format = media_format(range);
        bool is_any = text_is(media_essence(range), "*/*") || text_is(media_essence(range), "text/*");
        unsigned range_weight = media_weight(range);
        if (range_weight <= best_weight || (!is_any && (format == NULL || !has(context, format))))
            continue;
        best = format;
        best_weight = range_weight;
    }
    if (best_weight == 0 && media_accepts(all, MEDIA_PROBLEM) && has(context, "json"))
        return "json"; // problems are Errors alone: other answers are JSON
    return best;
}

const char *media_of_file(struct amp_bytes name)
{
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        size_t length = strlen(files[i].extension);
        if (name.length > length &&
            text_is((struct amp_bytes){name.bytes + name.length - length, length}, files[i].extension))
            return files[i].type;
    }
    return "application/octet-stream";
}
