// core/base/forwarded.c: see forwarded.h.
#include "base/forwarded.h"

static struct span forwarded_trim(struct span text)
{
    while (text.length > 0 && (text.bytes[0] == ' ' || text.bytes[0] == '\t'))
        text = (struct span){text.bytes + 1, text.length - 1};
    while (text.length > 0 && (text.bytes[text.length - 1] == ' ' || text.bytes[text.length - 1] == '\t'))
        text.length--;
    return text;
}

/** Cuts the last element off `list`, without the blanks around it. */
static struct span take_last(struct span *list)
{
    const char *comma = memrchr(list->bytes, ',', list->length);
    size_t start = comma == NULL ? 0 : (size_t)(comma - list->bytes) + 1;
    struct span element = {list->bytes + start, list->length - start};

    list->length = comma == NULL ? 0 : start - 1;
    return forwarded_trim(element);
}

/** Reads what follows an address: nothing, or a colon and a port. */
static bool read_rest(struct span rest, uint16_t *port)
{
    uint64_t number = 0;

    if (rest.length > 0 &&
        (rest.bytes[0] != ':' || !span_number((struct span){rest.bytes + 1, rest.length - 1}, 0, UINT16_MAX, &number)))
        return false;
    *port = (uint16_t)number;
    return true;
}

static bool read_element(struct span element, struct address *address, uint16_t *port)
{
    const char *colon = memchr(element.bytes, ':', element.length), *end;
    size_t length = element.length;

    *port = 0;
    if (element.bytes[0] == '[') {
        end = memchr(element.bytes, ']', element.length);
        if (end == NULL)
            return false;
        length = (size_t)(end - element.bytes);
        return memchr(element.bytes, ':', length) != NULL &&
               address_read((struct span){element.bytes + 1, length - 1}, address) &&
               read_rest((struct span){end + 1, element.length - length - 1}, port);
    }
    if (colon != NULL && colon == memrchr(element.bytes, ':', element.length)) // one alone: IPv4 with a port
        length = (size_t)(colon - element.bytes);
    return address_read((struct span){element.bytes, length}, address) &&
           read_rest((struct span){element.bytes + length, element.length - length}, port);
}

enum forwarded_result forwarded_client(struct span list, const struct network_list *trust,
                                       char client[ADDRESS_PRINT_SIZE])
{
    enum forwarded_result result = FORWARDED_NOBODY;
    struct address address;
    uint16_t port;

    while (list.length > 0) {
        struct span element = take_last(&list);
        if (element.length == 0)
            continue; // RFC 9110 5.6.1: empty elements are ignored
        if (!read_element(element, &address, &port))
            return FORWARDED_INVALID;
        address_print(&address, port, client);
        result = FORWARDED_CLIENT;
        if (!network_list_has(trust, &address))
            break;
    }
    return result;
}
