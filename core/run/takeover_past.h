// core/run/takeover_past.h: the answer of the earlier process to a new one that asks for kept feeds: a byte, and the
// file as a descriptor.  Thread: the hub's.
#ifndef RUN_TAKEOVER_PAST_H
#define RUN_TAKEOVER_PAST_H

#include <stdbool.h>

/** Sends the answer. @param fd  lent; -1: there is no file @return false with errno set */
bool takeover_past_send(int connection, int fd);
/** Receives the answer without waiting. @param fd  set to the file, which is the caller's; -1: there is none
 *  @return false: nothing has come yet */
bool takeover_past_receive(int connection, int *fd);

#endif
