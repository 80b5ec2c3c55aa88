// core/base/stack.h: where threads are, for who finds the program stuck. Whoever ends it by SIGABRT (the service
// manager's watchdog, abort()) is told on stderr where each known thread stands; then it ends by that signal as it
// would have before.
#ifndef BASE_STACK_H
#define BASE_STACK_H

#include <stdbool.h>

/** From now on SIGABRT tells the stacks. Call it once, before there are other threads. */
void stack_watch(void);
/** The calling thread is one of those that are known, by `name` (copied, to 15 bytes). @return a number for
 *  stack_tell(); -1: there are too many, this one is left out */
int stack_join(const char *name);
/** The calling thread ends. Thread: the one that joined. */
void stack_leave(int number);
/** Has that thread write its stack to stderr as soon as it is given a processor; it goes on then. Thread: any.
 *  @param number  -1: nothing happens */
void stack_tell(int number);

#endif
