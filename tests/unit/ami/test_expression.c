// tests/unit/ami/test_expression.c: expressions match what glibc's regcomp() matches, within the promised cost.
#include "ami/expression.h"
#include "unit/test.h"

#include <regex.h>

#define ROWS(rows) (sizeof(rows) / sizeof *(rows))
#define ENOUGH UINT64_C(1000000000)

static bool finds(const struct expression *expression, struct span text)
{
    uint64_t work = ENOUGH;
    enum expression_verdict verdict = expression_find(expression, text, &work);

    assert_int_not_equal(verdict, EXPRESSION_GAVE_UP);
    return verdict == EXPRESSION_FOUND;
}

/** Compares with the C library: is it a valid expression, and which of the texts does it match? */
static void compare(const char *source, const char *const *texts, size_t count)
{
    struct expression *expression = expression_read(span_of(source));
    regex_t regex;
    bool is_regex = regcomp(&regex, source, REG_EXTENDED | REG_NOSUB) == 0;

    if ((expression != NULL) != is_regex)
        fail_msg("'%s': %s", source, is_regex ? "not taken" : "taken");
    for (size_t i = 0; is_regex && i < count; i++) {
        bool expected = regexec(&regex, texts[i], 0, NULL, 0) == 0;
        if (finds(expression, span_of(texts[i])) != expected)
            fail_msg("'%s' in '%s': expected %d", source, texts[i], expected);
    }
    if (is_regex)
        regfree(&regex);
    expression_destroy(expression);
}

// Each is tried on each of the texts.
static const char *const library_texts[] = {"",           "a",    "b",
                                            "aa",         "ab",   "ba",
                                            "abc",        "aab",  "abab",
                                            "a]",         "-",    "+",
                                            "]",          "[",    "^",
                                            "$",          "\\",   "}",
                                            ")",          "a)",   "{",
                                            "1",          "A_9",  "a b",
                                            " a",         "a ",   "\r\n",
                                            "a\r\nb\r\n", "\xe4", "n",
                                            ".",          "a.c",  "Event: Newchannel\r\nChannel: SIP/1-0\r\n\r\n"};
static const char *const library_rows[] = {
    "",
    "a",
    "abc",
    "a|b",
    "a|",
    "|a",
    "a||b",
    "()",
    "(|a)b",
    "(a)",
    "((a))",
    "a)",
    ")",
    "(",
    "(a",
    "a(",
    "*",
    "+a",
    "?",
    "{1}",
    "(*a)",
    "a|*b",
    "^*",
    "$+",
    "^",
    "$",
    "^$",
    "^a",
    "a$",
    "a^b",
    "a$b",
    "(^a|b$)",
    "a**",
    "a+*",
    "a*?",
    "a{2}",
    "a{2,}",
    "a{0,2}b",
    "a{,2}b",
    "a{,}",
    "a{}",
    "a{",
    "a{1",
    "a{1,",
    "a{x}",
    "a{2,1}",
    "a{0}b",
    "a{ 1}",
    "a{-1}",
    "(ab){2}",
    "(a|b){2,3}c",
    "(a*)*",
    "(a*)+b",
    "(a|)*b",
    "(a?){3}b",
    "((a{2}){2}){2}",
    "()*",
    "(){9}a",
    "}",
    "a}",
    "a{1}{2}",
    ".",
    "a.c",
    "...",
    "[a]",
    "[^a]",
    "[]]",
    "[^]]",
    "[]",
    "[^]",
    "[a",
    "[a-c]",
    "[c-a]",
    "[a-]",
    "[-a]",
    "[^-a]",
    "[a-c-e]",
    "[+--]",
    "[a--]",
    "[a-c-]",
    "[[]",
    "[a]]",
    "[\\]",
    "[\\]]",
    "[\\w]",
    "[[:alpha:]]",
    "[[:digit:][:upper:]_]",
    "[^[:space:]]",
    "[[:word:]]",
    "[[:alpha:]",
    "[[:alpha:]-z]",
    "[a-[:alpha:]]",
    "[[=a=]]",
    "[[=ab=]]",
    "[[=a=]-z]",
    "[[.a.]-c]",
    "[[.hyphen.]]",
    "[[.-.]]",
    "[a-[.c.]]",
    "[[:blank:]]",
    "[[:punct:]]",
    "[[:print:]]",
    "[[:graph:]]",
    "[[:cntrl:]]",
    "[[:xdigit:]]",
    "[[:lower:]]",
    "[[:alnum:]]",
    "\\",
    "a\\",
    "\\a",
    "\\.",
    "\\*",
    "\\(",
    "\\{",
    "\\}",
    "\\|",
    "\\n",
    "\\\\",
    "\\^",
    "\\$",
    "\\]",
    "\\w",
    "\\W",
    "\\s",
    "\\S",
    "\\w+",
    "\\ba",
    "a\\b",
    "\\Ba",
    "a\\B",
    "\\<a",
    "a\\>",
    "\\`a",
    "a\\'",
    "\\b*",
    "\\<",
    "\\>",
    "\\b",
    "\\B",
    "^Event: New",
    "Channel: SIP/[0-9]+-",
    "\r\n\r\n$",
    "^.*Channel.*$",
    "[^:]+: SIP",
    "\xe4",
    "[\xe0-\xff]",
    "Event: (Newchannel|Hangup)",
    "a{32768}",
    "x+y*z?",
};

static void expressions_mean_what_the_library_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(library_rows); i++)
        compare(library_rows[i], library_texts, ROWS(library_texts));
}

static uint32_t next_random(uint32_t *random)
{
    *random = *random * 1103515245u + 12345u;
    return *random >> 16;
}

static void any_expression_means_what_the_library_says(void **state)
{
    (void)state;
    static const char *const parts[] = {"a",    "b",   "c",    ".",    "*",     "+",     "?",     "(",
                                        ")",    "|",   "[ab]", "[^a]", "{2}",   "{1,2}", "{0,1}", "{,2}",
                                        "{1,}", "\\w", "a",    "b",    "(a|b)", "(b*)",  "\\W"};
    uint32_t random = 1;
    char texts[12][10];
    const char *list[12];

    for (unsigned round = 0; round < 10000; round++) {
        char source[128] = "";
        if (next_random(&random) % 4 == 0)
            strcat(source, "^");
        for (unsigned left = next_random(&random) % 8; left > 0; left--)
            strcat(source, parts[next_random(&random) % ROWS(parts)]);
        if (next_random(&random) % 4 == 0)
            strcat(source, "$");
        for (size_t i = 0; i < ROWS(texts); i++) {
            size_t length = next_random(&random) % 9;
            for (size_t at = 0; at < length; at++)
                texts[i][at] = "abc "[next_random(&random) % 4];
            texts[i][length] = '\0';
            list[i] = texts[i];
        }
        compare(source, list, ROWS(list));
    }
}

static void what_could_cost_too_much_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {"(a)\\1",
                                       "\\1",
                                       "(a)(b)\\2",
                                       "a{2000}",
                                       "(a{50}){50}",
                                       "((a{13}){13}){13}",
                                       "(a?){1001}",
                                       "(a?a?a?a?a?a?a?a?a?a?){1000}",
                                       "(a|b|c|d){500}",
                                       "a{1,30000}",
                                       "(a{1,30000}){1,30000}"};

    for (size_t i = 0; i < ROWS(rows); i++) {
        struct expression *expression = expression_read(span_of(rows[i]));
        if (expression != NULL)
            fail_msg("'%s' was taken", rows[i]);
    }
}

/** Expressions that make other matchers slow or large: automata that are built beforehand, and backtracking. */
static void the_worst_is_linear(void **state)
{
    (void)state;
    static const char *const rows[] = {"(a*)*c",        "(a|a)*c",         "(.*)(.*)(.*)(.*)x",
                                       "[ab]*a.{900}c", "(a?){400}a{90}c", "(([ab]*)*)*c"};
    char text[4096];
    uint32_t random = 7;

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('a' + next_random(&random) % 2);
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct expression *expression = expression_read(span_of(rows[i]));
        assert_non_null(expression);
        uint64_t work = ENOUGH;
        assert_int_equal(expression_find(expression, (struct span){text, sizeof text}, &work), EXPRESSION_ABSENT);
        // each step is reached and taken once at most at each of the places
        assert_true(ENOUGH - work <= 2 * (sizeof text + 1) * expression_steps(expression));
        expression_destroy(expression);
    }
}

static void work_ends_when_it_is_used_up(void **state)
{
    (void)state;
    struct expression *expression = expression_read(span_of("[ab]*c"));
    uint64_t work = 20;

    assert_int_equal(expression_find(expression, span_of("abababababababababab"), &work), EXPRESSION_GAVE_UP);
    assert_int_equal(work, 0);
    work = 1000;
    assert_int_equal(expression_find(expression, span_of("ababababababababababc"), &work), EXPRESSION_FOUND);
    assert_in_range(work, 1, 999);
    expression_destroy(expression);
}

static void bytes_are_any(void **state)
{
    (void)state;
    struct expression *expression = expression_read((struct span){"a\0+b", 4});

    assert_true(finds(expression, (struct span){"xa\0\0b", 5}));
    assert_false(finds(expression, (struct span){"xab", 3}));
    expression_destroy(expression);
    expression = expression_read((struct span){"a\0b", 3});
    assert_true(finds(expression, (struct span){"xa\0b", 4}));
    assert_false(finds(expression, (struct span){"xa", 2}));
    expression_destroy(expression);
    expression = expression_read((struct span){NULL, 0});
    assert_true(finds(expression, (struct span){NULL, 0}));
    expression_destroy(expression);
    expression_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_mean_what_the_library_says),
        cmocka_unit_test(any_expression_means_what_the_library_says),
        cmocka_unit_test(what_could_cost_too_much_is_refused),
        cmocka_unit_test(the_worst_is_linear),
        cmocka_unit_test(work_ends_when_it_is_used_up),
        cmocka_unit_test(bytes_are_any),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
