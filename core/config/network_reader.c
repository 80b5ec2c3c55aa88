// core/config/network_reader.c: reads `allow:`, `deny:` and `address:`: lists of networks. An empty list is refused,
// because it could mean "nobody" or "everybody".
#include "config/readers.h"

#include "base/address_rules.h"
#include "base/log.h"
#include "base/memory.h"
#include "config/expected.h"

/** Reads one entry. @return false: an error was reported */
static bool read_entry(struct settings *settings, const struct setting *row, const struct yaml_node *node,
                       struct network *network)
{
    char found[96], meant[NETWORK_TEXT];

    switch (network_read(yaml_tree_text(node), network)) {
    case NETWORK_GOOD:
        return true;
    case NETWORK_WRONG:
        yaml_tree_report(settings->report, node,
                         "expected a network (192.0.2.0/24, 2001:db8::/32) or an address; found %s",
                         expected_found(row, node, found, sizeof found));
        return false;
    case NETWORK_HOST_BITS:
        break;
    }
    yaml_tree_report(settings->report, node, "expected a network without bits of a host, perhaps %s; found %s",
                     network_text(network, meant), expected_found(row, node, found, sizeof found));
    return false;
}

enum value_result reader_networks(struct settings *settings, const struct setting *row, const struct yaml_node *node,
                                  struct span text, void *field)
{
    struct network_list *list = field;
    enum value_result result = VALUE_GOOD;

    (void)text;
    if (node->kind != YAML_LIST)
        return VALUE_WRONG;
    if (node->child_count == 0) {
        yaml_tree_report(settings->report, node, "expected at least one network, or no such key; found an empty list");
        return VALUE_REPORTED;
    }
    list->items = memory_zero(node->child_count, sizeof *list->items);
    list->count = node->child_count;
    for (size_t i = 0; i < node->child_count; i++) {
        if (node->children[i]->kind != YAML_REFUSED && !read_entry(settings, row, node->children[i], &list->items[i]))
            result = VALUE_REPORTED;
    }
    return result;
}
