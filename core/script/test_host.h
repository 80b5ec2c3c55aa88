// core/script/test_host.h: the program that scripts talk to in their own tests (amp.test): a session, servers, and
// answers to amp.call, all said by the test.  Thread: the worker's.
#ifndef SCRIPT_TEST_HOST_H
#define SCRIPT_TEST_HOST_H

#include "script/state.h"

/** Takes the place of the state's host until test_host_end(). */
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
/** The session that the table at `index` describes (absent: that of `user`); raises on unknown fields. Gives its
 *  handle. */
struct handle lua_test_session(lua_State *L, int index, const char *user);
/** t.call(function), t.servers(list), into the table on top. */
void lua_add_test_host(lua_State *L);
/** t.run of a proxy action's file, whose name is upvalue 1. */
int lua_test_run(lua_State *L);

#endif
