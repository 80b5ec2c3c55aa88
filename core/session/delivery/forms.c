// core/session/delivery/forms.c: see forms.h.
#include "session/delivery/forms.h"

#include "session/access/rights.h"
#include "session/delivery/recount.h"

struct message *forms_restored(struct forms *forms)
{
    const struct entry *entry = forms->entry;
    struct span id;

    if (forms->restored == NULL) {
        id = message_action_id(entry->ask->action);
        forms->restored =
            rights_trim(entry->ask, message_with_action_id(entry->part.message, id.length > 0 ? &id : NULL));
    }
    return forms->restored;
}

struct message *forms_stripped(struct forms *forms)
{
    if (forms->stripped == NULL)
        forms->stripped = message_with_action_id(forms->entry->part.message, NULL);
    return forms->stripped;
}

struct message *forms_counted(struct forms *forms)
{
    if (forms->counted == NULL)
        forms->counted = recount_items(forms_restored(forms), forms->entry);
    return forms->counted;
}

void forms_fini(struct forms *forms)
{
    message_unref(forms->restored);
    message_unref(forms->stripped);
    message_unref(forms->counted);
}
