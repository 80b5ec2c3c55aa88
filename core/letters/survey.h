// core/letters/survey.h: a question of the hub to all workers, whose answers are put together: which sessions there are
// and what they do, and how the scripts fare.  Thread: whoever owns the letter.
#ifndef LETTERS_SURVEY_H
#define LETTERS_SURVEY_H

#include "letters/letters.h"

#define SURVEY_SESSIONS_MOST 400 // sessions in one answer

enum survey_kind {
    SURVEY_SESSIONS, // an event for each session
    SURVEY_SCRIPTS,  // counts of each filter and proxy action
    SURVEY_RELEASE   // the same of the filters that were in quarantine, which end it
};

/** Counts of a script, all its users and workers together. */
enum survey_count {
    SURVEY_SEEN,
    SURVEY_ENTERED,
    SURVEY_PASSED,
    SURVEY_DROPPED,
    SURVEY_CHANGED,
    SURVEY_FAILED,
    SURVEY_USES,        // entries of the configuration that use it, in each worker
    SURVEY_OBSERVED,    // of these: those that only observe
    SURVEY_QUARANTINED, // … those in quarantine
    SURVEY_COUNTS
};

/** A part of the answer: a session, or a script. */
struct survey_item {
    uint64_t rank;           // a session: those with the highest are shown; a script: its processor time
    uint64_t session;        // its number
    struct message *message; // a session's event, one reference; NULL: a script
    const char *kind;        // of script; a constant
    char *name;
    uint64_t counts[SURVEY_COUNTS];
};

struct survey_items {
    struct survey_item *list;
    size_t count;
};

struct survey_round;

struct survey {
    struct letter letter; // kind WORKER_SURVEY, then HUB_SURVEYED; must be first
    enum survey_kind kind;
    struct survey_round *round; // the hub's
    struct message *arguments;  // of the command, one reference
    struct survey_items items;
};

/** Adds an item, which is taken. @return it; lent until the next one is added */
struct survey_item *survey_add(struct survey_items *items, struct survey_item item);
/** Puts the sessions of the highest ranks first and frees all but `most`. */
void survey_choose(struct survey_items *items, size_t most);
/** Sorts scripts by kind and name, and adds the counts of equal ones. */
void survey_merge(struct survey_items *items);
/** Frees the items. */
void survey_items_fini(struct survey_items *items);
/** Frees the letter. */
void survey_destroy(struct survey *survey);

#endif
