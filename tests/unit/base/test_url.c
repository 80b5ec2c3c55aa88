// tests/unit/base/test_url.c: which URLs are accepted, and what is said of others.
#include "base/url.h"

#include "unit/test.h"

#include <string.h>

static void urls_that_are_fine(void **state)
{
    static const char *const urls[] = {"https://example.org",       "HTTP://example.org/",
                                       "http://192.0.2.7:8080/a?b", "https://[2001:db8::1]/x",
                                       "https://[::1]:65535",       "https://a-b_c.example/%20?x=%40"};
    (void)state;

    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        if (url_fault(urls[i]) != NULL)
            fail_msg("%s: %s", urls[i], url_fault(urls[i]));
    }
}

static void urls_that_are_not(void **state)
{
    static const struct {
        const char *url, *fault;
    } cases[] = {
        {"", "begins with"},
        {"example.org", "begins with"},
        {"ftp://example.org/", "begins with"},
        {"file:///etc/passwd", "begins with"},
        {"httpx://example.org", "begins with"},
        {"http://", "name or address"},
        {"http:///path", "name or address"},
        {"http://:80/", "name or address"},
        {"http://a b/", "percent-encoded"},
        {"http://a\\b/", "percent-encoded"},
        {"http://a/\x01", "percent-encoded"},
        {"http://\xc3\xa4.example/", "percent-encoded"},
        {"http://user@example.org/", "user or password"},
        {"http://user:secret@example.org/", "user or password"},
        {"http://example.org:80@evil.example/", "user or password"},
        {"http://example.org/#part", "fragment"},
        {"http://example.org:/", "port"},
        {"http://example.org:0/", "port"},
        {"http://example.org:65536/", "port"},
        {"http://example.org:8a/", "port"},
        {"http://[::1/", "brackets"},
        {"http://[]/", "brackets"},
        {"http://[fe80::1%25eth0]/", "brackets"},
        {"http://[192.0.2.7]/", "brackets"},
        {"http://[::1]80/", "port"},
        {"http://a%2eb/", "name or address"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *fault = url_fault(cases[i].url);
        if (fault == NULL || strstr(fault, cases[i].fault) == NULL)
            fail_msg("%s: %s", cases[i].url, fault == NULL ? "fine" : fault);
    }
}

static void long_urls(void **state)
{
    char url[3001] = "http://";
    (void)state;

    memset(url + 7, 'a', sizeof url - 8);
    assert_non_null(strstr(url_fault(url), "2000"));
    url[7 + 254] = '\0';
    assert_non_null(strstr(url_fault(url), "name or address"));
    url[7 + 253] = '\0';
    assert_null(url_fault(url));
}

static void origins_have_one_spelling(void **state)
{
    static const struct {
        const char *url, *origin;
        bool bare;
    } cases[] = {
        {"https://CRM.Example", "https://crm.example:443", true},
        {"HTTP://crm.example/", "http://crm.example:80", true},
        {"http://crm.example:8080?x=https://other/", "http://crm.example:8080", false},
        {"https://[2001:DB8::1]:8443/a", "https://[2001:db8::1]:8443", false},
        {"https://[::1]", "https://[::1]:443", true},
        {"https://crm.example./", "https://crm.example.:443", true}, // another name
    };
    char origin[URL_ORIGIN_SIZE];
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_null(url_fault(cases[i].url));
        assert_string_equal(url_origin(cases[i].url, origin), cases[i].origin);
        assert_int_equal(url_is_origin(cases[i].url), cases[i].bare);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_that_are_fine),
        cmocka_unit_test(urls_that_are_not),
        cmocka_unit_test(origins_have_one_spelling),
        cmocka_unit_test(long_urls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
