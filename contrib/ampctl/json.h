// contrib/ampctl/json.h: answers and messages as JSON, for programs. Thread: main's.
#ifndef AMPCTL_JSON_H
#define AMPCTL_JSON_H

#include "ami/message.h"

#include <jansson.h>

/** A string; bytes that are no UTF-8 are taken as Latin-1, NUL becomes U+FFFD. */
json_t *json_of_text(struct span text);
/** A number, if the text is one (an integer of at most 18 digits, perhaps with tenths); null if it is empty; else a
 * string. */
json_t *json_of_number(struct span text);
/** An object as the proxy's json format writes it: several headers of one name become an array, lines that are no
 *  headers stand under `UnparsedText`. @param hidden_id  leave out the ActionID */
json_t *json_of_message(const struct message *message, bool hidden_id);
/** Writes it to stdout, one line. Takes `value`. */
void json_print(json_t *value);

#endif
