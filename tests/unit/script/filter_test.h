// tests/unit/script/filter_test.h: a filter that judges one message.
#ifndef UNIT_FILTER_TEST_H
#define UNIT_FILTER_TEST_H

#include "unit/script/script_test.h"

#define NEWCHANNEL "Event: Newchannel\r\nPrivilege: call,all\r\nContext: tenant-a\r\nChannel: SIP/100-1\r\n\r\n"
#define VARSET "Event: VarSet\r\nPrivilege: dialplan,all\r\nVariable: CARD_NO\r\nValue: 4111\r\n\r\n"

static inline enum script_verdict judge_once(const char *script, const char *text)
{
    struct one one;
    struct error err;
    one_begin(&one);
    if (!one_load(&one, script, &err))
        fail_msg("%s", err.text);
    enum script_verdict verdict = one_judge(&one, text, NULL);
    one_end(&one);
    return verdict;
}

#endif
