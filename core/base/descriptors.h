// core/base/descriptors.h: the descriptors that every program is given.  Thread: the first one.
#ifndef BASE_DESCRIPTORS_H
#define BASE_DESCRIPTORS_H

/** Opens those of standard input, output and error that are closed, so that no other file or socket gets their numbers:
 *  whatever is written for people would go there. Reading and writing them fails, as if they were closed. Call it
 * before anything is opened. */
void descriptors_open_standard(void);

#endif
