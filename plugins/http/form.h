// plugins/http/form.h: the fields of a query or a form body. They are split, then decoded, then checked, so that an
// encoded byte never becomes a separator or the end of a header.
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
    struct amp_bytes id; // the first ActionID that is filled, among fields that are too many, too; empty: none
};

/** Adds the fields of `bytes`, which are decoded in place and must outlive the form. Fields behind a fault are added,
 * too.
 *  @return NULL, or what is wrong with them (static text) */
const char *form_parse(struct form *form, char *bytes, size_t length);
/** The first filled field of that name, without regard to case; the first one at all if none is filled.
 *  @return false if absent, then `value` is empty */
bool form_find(const struct form *form, const char *name, struct amp_bytes *value);
/** How many fields of that name there are. */
unsigned form_count(const struct form *form, const char *name);
/** Removes all fields of that name. */
void form_remove(struct form *form, const char *name);
/** Decodes %XX (and `+` if `plus`) in place. @return false: a % that is not followed by two digits */
bool form_decode(char *bytes, size_t *length, bool plus);

#endif
