// core/base/stack.h: writes where the threads are, for somebody who examines a program that hangs. SIGABRT (the service
// manager's watchdog, abort()) writes the stack of each known thread to stderr. Then the program ends by that signal,
// as it would have without this.
#ifndef BASE_STACK_H
#define BASE_STACK_H

#include <stdbool.h>

/** From now on SIGABRT writes the stacks. Call it once, before there are other threads. */
void stack_watch(void);
/** Makes the calling thread known by `name` (copied, at most 15 bytes). @return a number for stack_tell(); -1: too many
 *  threads are known */
int stack_join(const char *name);
/** The thread has ended. Thread: the one that joined it. */
void stack_leave(int number);
/** Makes that thread write its stack to stderr as soon as it runs. It then continues. Thread: any. @param number  -1:
 *  nothing happens */
void stack_tell(int number);

#endif
