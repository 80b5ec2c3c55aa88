// plugins/http/ajam_path.c: see ajam_path.h.
#include "ajam_path.h"

#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    struct ajam_path path;
} paths[] = {
    {"/rawman", {AJAM_RAW, false}}, {"/mxml", {AJAM_XML, false}}, {"/manager", {AJAM_HTML, false}},
    {"/arawman", {AJAM_RAW, true}}, {"/amxml", {AJAM_XML, true}}, {"/amanager", {AJAM_HTML, true}},
};

static bool ajam_path_name(struct amp_bytes path, struct ajam_path *found)
{
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        if (text_is(path, paths[i].name)) {
            *found = paths[i].path;
            return true;
        }
    }
    return false;
}

bool ajam_path_find(struct amp_bytes path, const char *prefix, struct ajam_path *found)
{
    size_t length = strlen(prefix);
    if (path.length > 1 && path.bytes[path.length - 1] == '/')
        path.length--;
    if (ajam_path_name(path, found))
        return true;
    if (length == 0 || path.length <= length || strncasecmp(path.bytes, prefix, length) != 0)
        return false;
    return ajam_path_name((struct amp_bytes){path.bytes + length, path.length - length}, found);
}
