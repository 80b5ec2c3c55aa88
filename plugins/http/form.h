// plugins/http/form.h: the fields of a query or a form body. They are split, then decoded, then checked, so that an
// encoded byte is never a separator or the end of a header.
#ifndef HTTP_FORM_H
#define HTTP_FORM_H

#include "text.h"

#define FORM_FIELDS 160 // an action has at most 128 headers

struct form_field {
    struct amp_bytes name, value;
};

struct form {
    struct form_field fields[FORM_FIELDS];
    unsigned count;
    struct amp_bytes id; // the first ActionID that is not empty, also among excess fields; empty: none
};

/** Adds the fields of `bytes`, which are decoded in place and must outlive the form. Fields behind a fault are added,
 * too.
 *  @return NULL, or what is wrong with them (static text) */
const char *form_parse(struct form *form, char *bytes, size_t length);
/** Finds the first field of that name (in any case) that is not empty, or an empty one if there is no other.
 *  @return false: there is none, and `value` is empty */
bool form_find(const struct form *form, const char *name, struct amp_bytes *value);
/** Returns the number of fields of that name. */
unsigned form_count(const struct form *form, const char *name);
/** Removes the fields of that name that are empty, if another one is not. */
void form_remove_empty(struct form *form, const char *name);
/** Checks that no action is given twice, nor one of each kind: who reads the last one would read another than
 * `allow_get` has judged. An empty field of the other kind, which a page's form may have, is removed.
 *  @return NULL, or what is wrong (static text) */
const char *form_check_action(struct form *form);
/** Removes all fields of that name. */
void form_remove(struct form *form, const char *name);
/** Decodes %XX (and `+` if `plus`) in place. @return false: a % that is not followed by two digits */
bool form_decode(char *bytes, size_t *length, bool plus);

#endif
