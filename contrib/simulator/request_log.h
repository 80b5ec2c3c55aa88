// request_log.h: the file of --log, which tests read: one line per action received.
#pragma once

struct session;

/** Logs the request of `session`: `connection=N Action=… ActionID=… | header | header`; nothing without --log. */
void request_log(const struct session *session);
