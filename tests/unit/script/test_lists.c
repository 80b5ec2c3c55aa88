// tests/unit/script/test_lists.c: the lists of sessions, servers, formats and counters that scripts get, as the stock
// proxy actions show them.
#include "unit/script/action_test.h"

static void test_stock_C33(void **state)
{
    (void)state;
    begin("reply:ok()");
    expect(
        "ListSessions", "",
        "ProxyResponse: Success\r\nActionID: 9\r\n"
        "ProxyClientSession: 192.0.2.9\r\nProxyClientInputHandler: standard\r\nProxyClientOutputHandler: csv\r\n"
        "ProxyClientUser: anna\r\nProxyClientId: 2\r\n"
        "ProxyClientSession: 192.0.2.7\r\nProxyClientInputHandler: standard\r\nProxyClientOutputHandler: standard\r\n"
        "ProxyClientUser: dave\r\nProxyClientId: 1\r\n"
        "ProxyServerSession: 192.0.2.1\r\nProxyServerName: pbx1\r\nProxyServerStatus: up\r\n"
        "ProxyServerSession: 192.0.2.2\r\nProxyServerName: pbx2\r\nProxyServerStatus: down\r\n\r\n");
    host.session.admin = false;
    ask("ListSessions", "");
    assert_null(strstr(host.out, "anna"));
    host.session.admin = true;
    expect("ListServers", "",
           "ProxyResponse: Success\r\nActionID: 9\r\n"
           "ProxyListServer I: 192.0.2.1 H: pbx1.example U: proxy P: 5038 E: on \r\n"
           "ProxyListServer I: 192.0.2.2 H: pbx2.example U: proxy P: 5039 E: off \r\n\r\n");
    expect("ListIOHandlers", "",
           "ProxyResponse: Success\r\nActionID: 9\r\n"
           "InputHandler: standard\r\nOutputHandler: standard\r\nOutputHandler: csv\r\n\r\n");
    expect("SetOutputFormat", "OutputFormat: CSV\r\n",
           "ProxyResponse: Success\r\nActionID: 9\r\nOutputFormat: csv\r\n\r\n");
    expect("SetOutputFormat", "", "ProxyResponse: Success\r\nActionID: 9\r\nOutputFormat: csv\r\n\r\n");
    expect("SetOutputFormat", "OutputFormat: http\r\n",
           "ProxyResponse: Error\r\nActionID: 9\r\nMessage: Unknown format\r\n\r\n");
    expect("SetAutoFilter", "AutoFilter: Unique\r\n", "ProxyResponse: Success\r\nActionID: 9\r\nAutoFilter: 2\r\n\r\n");
    expect("SetAutoFilter", "AutoFilter: x\r\n", "ProxyResponse: Success\r\nActionID: 9\r\nAutoFilter: 0\r\n\r\n");
    expect("AddServer", "Server: pbx1\r\nPort: 1\r\nUsername: u\r\nSecret: s\r\nEvents: on\r\n",
           "ProxyResponse: Success\r\nActionID: 9\r\nMessage: Added pbx1\r\n\r\n");
    expect("AddServer", "Server: pbx1\r\nPort: 1\r\n",
           "ProxyResponse: Failure\r\nActionID: 9\r\nMessage: Could not add pbx1\r\n\r\n");
    expect("DropServer", "Server: pbx1\r\n", "ProxyResponse: Success\r\nActionID: 9\r\nMessage: Dropped pbx1\r\n\r\n");
    expect("DropServer", "Server: x\r\n",
           "ProxyResponse: Failure\r\nActionID: 9\r\nMessage: Cannot Drop Server x, Does Not Exist\r\n\r\n");
    expect("DropServer", "",
           "ProxyResponse: Failure\r\nActionID: 9\r\nMessage: Cannot Drop Server , Does Not Exist\r\n\r\n");
    expect("KickSession", "Session: 2\r\n", "Response: Success\r\nActionID: 9\r\nMessage: Kicked 2\r\n\r\n");
    expect("KickSession", "Session: 3\r\n",
           "Response: Error\r\nActionID: 9\r\nMessage: There is no such session\r\n\r\n");
    static const char *const no_numbers[] = {"x", "0", "-2", "0x2", "2 ", "99999999999999999999"};
    for (size_t i = 0; i < sizeof no_numbers / sizeof no_numbers[0]; i++) {
        char headers[64];
        (void)snprintf(headers, sizeof headers, "Session: %s\r\n", no_numbers[i]);
        expect("KickSession", headers,
               "Response: Error\r\nActionID: 9\r\n"
               "Message: Session: expected a number, as ListSessions shows it\r\n\r\n");
    }
    expect("Reload", "", "Response: Error\r\nActionID: 9\r\nMessage: astmanproxy.yaml:3:1: expected …\r\n\r\n");
    ask("ListProxyActions", "");
    assert_non_null(strstr(host.out, "AddServer: Adds a server (admin)\r\n"));
    ask("Stats", "");
    assert_non_null(strstr(host.out, "Sessions: 2\r\n"));
    ask("ListScripts", "");
    assert_non_null(
        strstr(host.out, "Event: ListScriptsComplete\r\nActionID: 9\r\nEventList: Complete\r\nListItems: 28\r\n"));
    expect("Logoff", "", "Response: Goodbye\r\nActionID: 9\r\nMessage: Thanks for all the fish.\r\n\r\n");
    assert_true(host.closed);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stock_C33),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
