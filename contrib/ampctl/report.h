// contrib/ampctl/report.h: the proxy's reports about servers, sessions and scripts, as tables. The names of the headers
// are those of lua/proxyactions/ServerStatus.lua, SessionStatus.lua and ScriptStatus.lua. Thread: main's.
#ifndef AMPCTL_REPORT_H
#define AMPCTL_REPORT_H

#include "connection.h"
#include "exit.h"
#include "table.h"

enum report_kind { REPORT_SERVERS, REPORT_SESSIONS, REPORT_SCRIPTS };

/** Columns of the tables that callers read or set. */
enum { REPORT_SERVER_NAME = 0, REPORT_SERVER_STATUS = 1, REPORT_SERVER_ANSWERED = 16, REPORT_SERVER_TIME = 17 };
enum {
    REPORT_SESSION_NUMBER = 0,
    REPORT_SESSION_AGE = 6,
    REPORT_SESSION_RATE = 7,
    REPORT_SESSION_SENT = 8,
    REPORT_SESSION_SLOW = 10
};
enum { REPORT_SCRIPT_NAME = 0, REPORT_SCRIPT_KIND = 1, REPORT_SCRIPT_TIME = 3 };
#define REPORT_SERVER_EVENTS 15

/** Asks for a report. @param sort  of sessions: newest, traffic or backlog; of scripts: their kind, "" is any  @param
 * most  sessions at most; 0: all
 *  @return CTL_OK: `table` is set, the caller's; else `err` is set; CTL_REFUSED: the proxy does not know the report, or
 *  does not give it to this user */
enum ctl_exit report_get(struct connection *connection, enum report_kind kind, const char *sort, unsigned most,
                         uint64_t timeout_ms, struct table **table, struct error *err);
/** Adds sessions, sorted in another way, that the table of sessions does not have yet. @param most  asked for at most
 *  @return as report_get() */
enum ctl_exit report_add_sessions(struct connection *connection, const char *sort, unsigned most, uint64_t timeout_ms,
                                  struct table *sessions, struct error *err);
/** Shows a cell with a number of bytes, for a table_look. @return `buffer` */
const char *report_show_bytes(char *buffer, size_t size, const char *cell);
/** Writes the table to stdout; at a terminal, what there is no room for is named below. */
void report_print(struct table *table, bool json);
/** Returns a cell as a number; 0: it is none. */
uint64_t report_number(const struct table *table, size_t row, size_t column);
/** Sets a cell to a number. */
void report_set_number(struct table *table, size_t row, size_t column, uint64_t number);

#endif
