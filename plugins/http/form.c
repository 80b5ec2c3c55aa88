// plugins/http/form.c: see form.h.
#include "form.h"

#include <string.h>

bool form_decode(char *bytes, size_t *length, bool plus)
{
    size_t written = 0;
    for (size_t i = 0; i < *length; i++) {
        char byte = bytes[i];
        if (byte == '%') {
            int high = *length - i > 2 ? text_hex_digit(bytes[i + 1]) : -1;
            int low = high >= 0 ? text_hex_digit(bytes[i + 2]) : -1;
            if (low < 0)
                return false;
            byte = (char)(high * 16 + low);
            i += 2;
        } else if (byte == '+' && plus) {
            byte = ' ';
        }
        bytes[written++] = byte;
    }
    *length = written;
    return true;
}

/** Adds one `name=value`. @return NULL, or what is wrong */
static const char *add_field(struct form *form, char *bytes, size_t length)
{
    char *equals = memchr(bytes, '=', length);
    size_t name_length = equals == NULL ? length : (size_t)(equals - bytes);
    char *value = equals == NULL ? bytes + length : equals + 1;
    size_t value_length = equals == NULL ? 0 : length - name_length - 1;
    if (!form_decode(bytes, &name_length, true) || !form_decode(value, &value_length, true))
        return "Malformed %-encoding in a field";
    if (name_length == 0)
        return "A field without a name";
    struct form_field field = {{bytes, name_length}, {value, value_length}};
    if (text_has_line_end(field.name) || text_has_line_end(field.value))
        return "Line end or NUL in a field";
    if (form->id.length == 0 && text_is(field.name, "ActionID"))
        form->id = field.value;
    if (form->count == FORM_FIELDS)
        return "Too many fields";
    form->fields[form->count++] = field;
    return NULL;
}

const char *form_parse(struct form *form, char *bytes, size_t length)
{
    const char *first = NULL; // the first fault; further fields are read, as they may contain the ActionID
    for (size_t start = 0; start < length;) {
        const char *mark = memchr(bytes + start, '&', length - start);
        size_t end = mark == NULL ? length : (size_t)(mark - bytes);
        const char *fault = end == start ? NULL : add_field(form, bytes + start, end - start);
        first = first == NULL ? fault : first;
        start = end + 1;
    }
    return first;
}

bool form_find(const struct form *form, const char *name, struct amp_bytes *value)
{
    bool found = false;
    *value = (struct amp_bytes){0};
    for (unsigned i = 0; i < form->count; i++) {
        if (!text_is(form->fields[i].name, name))
            continue;
        found = true;
        if (form->fields[i].value.length > 0) {
            *value = form->fields[i].value;
            break;
        }
    }
    return found;
}

unsigned form_count(const struct form *form, const char *name)
{
    unsigned count = 0;
    for (unsigned i = 0; i < form->count; i++)
        count += text_is(form->fields[i].name, name);
    return count;
}

const char *form_check_action(struct form *form)
{
    bool is_one = form_count(form, "Action") <= 1 && form_count(form, "ProxyAction") <= 1;
    struct amp_bytes action, proxy_action;
    form_find(form, "Action", &action);
    form_find(form, "ProxyAction", &proxy_action);
    if (action.length > 0 && proxy_action.length > 0)
        return "Action and ProxyAction in one request: please send one of them";
    if (action.length > 0)
        form_remove(form, "ProxyAction");
    if (proxy_action.length > 0)
        form_remove(form, "Action");
    return is_one ? NULL : "One action in a request, please";
}

void form_remove_empty(struct form *form, const char *name)
{
    unsigned kept = 0;
    struct amp_bytes value;
    form_find(form, name, &value);
    for (unsigned i = 0; i < form->count && value.length > 0; i++) {
        if (form->fields[i].value.length > 0 || !text_is(form->fields[i].name, name))
            form->fields[kept++] = form->fields[i];
    }
    form->count = value.length > 0 ? kept : form->count;
}

void form_remove(struct form *form, const char *name)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < form->count; i++) {
        if (!text_is(form->fields[i].name, name))
            form->fields[kept++] = form->fields[i];
    }
    form->count = kept;
}
