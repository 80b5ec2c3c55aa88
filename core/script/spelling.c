// core/script/spelling.c: see spelling.h. Scripts see names in one spelling (canonical.h). So `a.Action == "originate"`
// is never true, and a filter that compares like this to refuse actions refuses none. Such a script is not loaded.
#include "script/spelling.h"

#include "ami/catalogue.h"
#include "ami/vocabulary.h"
#include "base/nearest.h"

#include <ctype.h>
#include <string.h>

/** A place in a script's text. */
struct place {
    const char *at;
    unsigned line;
};

static void spelling_step(struct place *place)
{
    if (*place->at == '\0')
        return;
    place->line += *place->at == '\n';
    place->at++;
}

/** Returns the level of the long bracket that opens here ("[[": 0, "[=[": 1); -1: none does. */
static int long_bracket(const char *at)
{
    size_t level = *at == '[' ? strspn(at + 1, "=") : 0;
    return *at == '[' && at[1 + level] == '[' ? (int)level : -1;
}

static void skip_long(struct place *place, int level)
{
    for (size_t i = 0; i < (size_t)level + 2; i++)
        spelling_step(place);
    for (; *place->at != '\0'; spelling_step(place)) {
        if (*place->at == ']' && strspn(place->at + 1, "=") == (size_t)level && place->at[1 + level] == ']')
            break;
    }
    for (size_t i = 0; i < (size_t)level + 2; i++)
        spelling_step(place);
}

/** Skips blanks and comments. */
static void skip_blanks(struct place *place)
{
    for (;;) {
        while (isspace((unsigned char)*place->at))
            spelling_step(place);
        if (place->at[0] != '-' || place->at[1] != '-')
            return;
        spelling_step(place);
        spelling_step(place);
        int level = long_bracket(place->at);
        if (level >= 0)
            skip_long(place, level);
        else
            while (*place->at != '\0' && *place->at != '\n')
                spelling_step(place);
    }
}

/** Skips a quoted text. @return what is between the quotes, with its escapes */
static struct span read_quoted(struct place *place)
{
    char quote = *place->at;
    spelling_step(place);
    const char *begin = place->at;
    while (*place->at != '\0' && *place->at != quote && *place->at != '\n') {
        if (*place->at == '\\')
            spelling_step(place);
        spelling_step(place);
    }
    struct span text = {begin, (size_t)(place->at - begin)};
    spelling_step(place);
    return text;
}

static bool is_word(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_' || byte == '.';
}

/** Skips a name and its fields (`a.Action`). @return all of it */
static struct span read_word(struct place *place)
{
    const char *begin = place->at;
    while (is_word(*place->at))
        spelling_step(place);
    return (struct span){begin, (size_t)(place->at - begin)};
}

enum compared { NOT_COMPARED, WITH_ACTION, WITH_EVENT };

/** Does this word name a message's action or event? */
static enum compared compared_by(struct span word)
{
    const char *dot = memrchr(word.bytes, '.', word.length);
    if (dot == NULL || dot == word.bytes)
        return NOT_COMPARED;
    struct span field = {dot + 1, word.length - (size_t)(dot + 1 - word.bytes)};
    return span_is(field, "Action") ? WITH_ACTION : span_is(field, "Event") ? WITH_EVENT : NOT_COMPARED;
}

static bool is_comparison(const struct place *place)
{
    return (place->at[0] == '=' || place->at[0] == '~') && place->at[1] == '=';
}

static bool is_quote(char byte)
{
    return byte == '"' || byte == '\'';
}

/** Returns the known spelling of a name that is written differently; NULL: the name is spelled so, or is unknown. */
static const char *other_spelling(enum compared with, struct span name)
{
    const struct action_info *action = with == WITH_ACTION ? catalogue_find(name) : NULL;
    const char *known = with == WITH_EVENT ? vocabulary_event(name) : action == NULL ? NULL : action->name;

    return known == NULL || span_equals(name, span_of(known)) ? NULL : known;
}

/** Checks a name that is compared with an action or event. */
static bool spelling_check_name(const struct spelling *spelling, enum compared with, struct span name, unsigned line,
                                struct error *err)
{
    const char *known = with == NOT_COMPARED ? NULL : other_spelling(with, name);

    if (with == WITH_EVENT && vocabulary_event(name) == NULL && spelling->unknown != NULL)
        spelling->unknown(spelling->context, true, name, line);

    if (known != NULL)
        return error_set(
            err, "%s:%u: \"%.*s\" is compared with a name, and names are given in one spelling: expected \"%s\"",
            spelling->shown, line, (int)name.length, name.bytes, known);
    return true;
}

/** Reads the name of the parameter of `message = function(m)`, from after the word `message`. Empty: no function
 *  follows. */
static struct span read_parameter(struct place *place)
{
    if (*place->at != '=' || place->at[1] == '=')
        return (struct span){NULL, 0};
    spelling_step(place);
    skip_blanks(place);
    if (!span_equals(read_word(place), span_of("function")))
        return (struct span){NULL, 0};
    skip_blanks(place);
    spelling_step(place);
    skip_blanks(place);
    return read_word(place);
}

/** Is the method known that is called behind the word, as in `m:starts(…)`? @param place  behind the word */
static bool check_method(const struct spelling *spelling, const struct place *place, struct span word,
                         struct span parameter, struct error *err)
{
    static const char *const methods[] = {"get", "all", "is", "starts", "ends", "contains", "copy"};
    struct place at = *place;

    if (*at.at != ':' || at.at[1] == ':' || parameter.length == 0 || !span_equals(word, parameter))
        return true;
    spelling_step(&at);
    skip_blanks(&at);
    struct span method = read_word(&at);
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (span_equals(method, span_of(methods[i])))
            return true;
    const char *meant = nearest_of(method, methods, sizeof methods / sizeof *methods);
    return meant == NULL || error_set(err, "%s:%u: a message has no method '%.*s': did you mean '%s'?", spelling->shown,
                                      at.line, (int)method.length, method.bytes, meant);
}

/** Checks a word that is read, such as `m.Name`: is the header known? */
static void check_header(const struct spelling *spelling, const struct place *place, struct span word,
                         struct span parameter, unsigned line)
{
    bool is_written = place->at[0] == '=' && place->at[1] != '=';
    struct span field = {word.bytes + parameter.length + 1, word.length - parameter.length - 1};

    if (spelling->unknown == NULL || parameter.length == 0 || is_written || word.length < parameter.length + 2 ||
        memcmp(word.bytes, parameter.bytes, parameter.length) != 0 || word.bytes[parameter.length] != '.' ||
        !isupper((unsigned char)field.bytes[0]) || memchr(field.bytes, '.', field.length) != NULL)
        return;
    if (!vocabulary_has_header(field) && vocabulary_nearest_header(field) != NULL)
        spelling->unknown(spelling->context, false, field, line);
}

bool script_spelling_check(const struct spelling *spelling, struct error *err)
{
    struct place place = {spelling->text, 1};
    struct span parameter = {NULL, 0}; // of the function of the hook `message`
    bool good = true;

    for (skip_blanks(&place); good && *place.at != '\0'; skip_blanks(&place)) {
        int level = long_bracket(place.at);
        if (level >= 0) {
            skip_long(&place, level);
        } else if (is_quote(*place.at)) { // "Originate" == a.Action
            unsigned line = place.line;
            struct span name = read_quoted(&place);
            skip_blanks(&place);
            if (!is_comparison(&place))
                continue;
            spelling_step(&place);
            spelling_step(&place);
            skip_blanks(&place);
            struct span word = read_word(&place);
            if (*place.at != ':' && *place.at != '(')
                good = spelling_check_name(spelling, compared_by(word), name, line, err);
        } else if (is_word(*place.at)) { // a.Action == "Originate"
            unsigned begin = place.line;
            struct span word = read_word(&place);
            enum compared with = compared_by(word);
            skip_blanks(&place);
            if (span_equals(word, span_of("message")))
                parameter = read_parameter(&place);
            good = check_method(spelling, &place, word, parameter, err);
            check_header(spelling, &place, word, parameter, begin);
            if (with == NOT_COMPARED || !is_comparison(&place))
                continue;
            spelling_step(&place);
            spelling_step(&place);
            skip_blanks(&place);
            unsigned line = place.line;
            if (is_quote(*place.at))
                good = spelling_check_name(spelling, with, read_quoted(&place), line, err);
        } else {
            spelling_step(&place);
        }
    }
    return good;
}
