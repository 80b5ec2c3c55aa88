// core/session/connection/survey.h: a worker's part of the answer to a survey (letters/survey.h).
// Thread: the worker's.
#ifndef SESSION_CONNECTION_SURVEY_H
#define SESSION_CONNECTION_SURVEY_H

struct sessions;
struct survey;

/** Adds what the survey asks for. The letter stays the caller's. */
void survey_answer(struct sessions *sessions, struct survey *survey);

#endif
