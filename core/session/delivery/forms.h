// core/session/delivery/forms.h: the forms in which a message of a batch may be sent. Each is made when it is first
// needed. Thread: the worker's.
#ifndef SESSION_DELIVERY_FORMS_H
#define SESSION_DELIVERY_FORMS_H

#include "letters/letters.h"

/** Lives as long as the entry is delivered. Without an ask, none of the forms is needed. */
struct forms {
    const struct entry *entry;
    struct message *restored, *stripped, *counted; // one reference each, or NULL; use the functions
};

/** Returns the message with the asker's own ActionID, or without one if the action had none. Lent by `forms`. */
struct message *forms_restored(struct forms *forms);
/** Returns it without an ActionID, for all other sessions. Lent by `forms`. */
struct message *forms_stripped(struct forms *forms);
/** Returns forms_restored(), and at the end of a list with the number of items that the asker was shown. Lent by
 *  `forms`. */
struct message *forms_counted(struct forms *forms);
/** Releases the forms that were made. */
void forms_fini(struct forms *forms);

#endif
