// core/script/test_host.h: the host for scripts' own tests (amp.test): the test defines the session, the servers, and
// the answers to amp.call and amp.http.  Thread: the worker's.
#ifndef SCRIPT_TEST_HOST_H
#define SCRIPT_TEST_HOST_H

#include "script/state.h"

/** Replaces the state's host until test_host_end(). */
struct test_host {
    struct script_state *state;
    struct script_host before;
    char user[64], address[64], ip[64], input[32], output[32];
    bool admin, by_key, encrypted;
    char servers[16][64]; // names
    uint32_t server_count;
};

void test_host_begin(struct test_host *host, struct script_state *state);
void test_host_end(struct test_host *host);
/** Makes the session that the table at `index` describes (absent: a session of `user`). Raises on unknown fields.
 *  @return its handle */
struct handle lua_test_session(lua_State *L, int index, const char *user);
/** Adds t.call(function) and t.servers(list) to the table on top. */
void lua_add_test_host(lua_State *L);
/** t.run of a proxy action's file, whose name is upvalue 1. */
int lua_test_run(lua_State *L);

#endif
