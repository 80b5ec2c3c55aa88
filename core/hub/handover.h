// core/hub/handover.h: kept feeds go to another process, or come from one (SIGUSR2; core/run/README.md has the order of
// events). For a while both processes hear the same. What the earlier one has heard until it gave its feeds away is in
// them, and the later one leaves just that out of what it hears.  Thread: the hub's, for all functions.
#ifndef HUB_HANDOVER_H
#define HUB_HANDOVER_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct answer_part;
struct ask;
struct hub;
struct message;

// --- the earlier process ----------------------------------------------------------------------------------------

/** Begins to note what is heard. */
void hub_begin_giving(struct hub *hub);
/** Waits until everything is read that the servers have sent so far, then has the workers write their kept feeds, to
 *  which nothing is appended after that. The owner's past_given() follows, perhaps at once. @return false with `err` */
bool hub_give_past(struct hub *hub, struct error *err);
/** Called with each part (lent) of the servers' answers for which that waits. @param ask  the action */
void hub_on_fence(struct hub *hub, const struct answer_part *part, const struct ask *ask);
/** Called when a worker has written its feeds. */
void hub_on_given(struct hub *hub);
/** The other process does not serve: kept feeds go on. Does nothing if nothing was begun. */
void hub_take_back(struct hub *hub);
/** The other process serves: nothing is noted any more. Does nothing if nothing was begun. */
void hub_leave_past(struct hub *hub);

// --- the later process ------------------------------------------------------------------------------------------

/** Before anything is heard: holds what comes from the servers back from the workers, which have no clients yet. */
void hub_hold(struct hub *hub);
/** Is everything known that is needed to judge events, that is which channels are up? */
bool hub_knows_channels(const struct hub *hub);
/** Takes over the kept feeds in file `fd`, which stays the caller's. @return false with `err` */
bool hub_take_past(struct hub *hub, int fd, struct error *err);
/** Gives the workers what was held. Does nothing if nothing is held. */
void hub_release(struct hub *hub);

// --- both -------------------------------------------------------------------------------------------------------

/** Notes an event. @return the earlier process has passed it on */
bool hub_note_heard(struct hub *hub, const struct message *message, uint64_t serial);
/** Frees the memory. */
void hub_end_handover(struct hub *hub);

#endif
