/* Values as schemas compare them: equality, elements that stand twice. */
#include "json_doc.h"
#include "schema_node.h"

int mcp__schema_spend(struct schema_check *c, size_t steps)
{
    if (c->work < steps)
        return MCP_ETOOBIG;
    c->work -= steps;
    return 0;
}

static bool numbers_equal(struct mcp_json a, struct mcp_json b)
{
    struct mcp_decimal x, y;

    return mcp_decimal_parse(mcp_json_raw(a), &x) == 0 &&
           mcp_decimal_parse(mcp_json_raw(b), &y) == 0 && mcp_decimal_cmp(&x, &y) == 0;
}

static int arrays_equal(struct schema_check *c, struct mcp_json a, struct mcp_json b, bool *equal)
{
    struct mcp_json_iter i = mcp_json_iter(a), j = mcp_json_iter(b);
    int rc = 0;

    while (*equal && rc == 0 && mcp_json_next(&i) && mcp_json_next(&j))
        rc = mcp__schema_equal(c, i.value, j.value, equal);
    return rc;
}

/* *found: the member of object whose name is key (another document's string), or missing. */
static int find_member(struct schema_check *c, struct mcp_json object, struct mcp_json key,
                       struct mcp_json *found)
{
    mcp_str name = mcp__json_content(key);

    *found = (struct mcp_json){ NULL, 0 };
    for (struct mcp_json_iter it = mcp_json_iter(object); mcp_json_next(&it);) {
        if (mcp__schema_spend(c, 1) < 0)
            return MCP_ETOOBIG;
        if (mcp__json_content_cmp(mcp__json_content(it.key), name) == 0) {
            *found = it.value;
            return 0;
        }
    }
    return 0;
}

static int objects_equal(struct schema_check *c, struct mcp_json a, struct mcp_json b, bool *equal)
{
    for (struct mcp_json_iter it = mcp_json_iter(a); *equal && mcp_json_next(&it);) {
        struct mcp_json other;
        int rc = find_member(c, b, it.key, &other);

        if (rc == 0)
            rc = mcp__schema_equal(c, it.value, other, equal);
        if (rc < 0)
            return rc;
    }
    return 0;
}

int mcp__schema_equal(struct schema_check *c, struct mcp_json a, struct mcp_json b, bool *equal)
{
    enum mcp_json_type type = mcp_json_type(a);

    if (mcp__schema_spend(c, 1) < 0)
        return MCP_ETOOBIG;
    *equal = type == mcp_json_type(b) && mcp_json_count(a) == mcp_json_count(b);
    if (!*equal)
        return 0;
    switch (type) {
    case MCP_JSON_STRING:
        *equal = b.doc->plain
                     ? mcp__json_content_is(mcp__json_content(a), mcp__json_content(b))
                     : mcp__json_content_cmp(mcp__json_content(a), mcp__json_content(b)) == 0;
        return 0;
    case MCP_JSON_NUMBER:
        *equal = numbers_equal(a, b);
        return 0;
    case MCP_JSON_ARRAY:
        return arrays_equal(c, a, b, equal);
    case MCP_JSON_OBJECT:
        return objects_equal(c, a, b, equal);
    case MCP_JSON_MISSING:
    case MCP_JSON_NULL:
    case MCP_JSON_BOOL:
    default:
        *equal = mcp_str_eq(mcp_json_raw(a), mcp_json_raw(b));
        return 0;
    }
}

int mcp__schema_find_twice(struct schema_check *c, struct mcp_json array, struct mcp_json *twice)
{
    *twice = (struct mcp_json){ NULL, 0 };
    for (struct mcp_json_iter i = mcp_json_iter(array); mcp_json_next(&i);) {
        struct mcp_json_iter j = i; /* goes on behind i */

        while (mcp_json_next(&j)) {
            bool equal;
            int rc = mcp__schema_equal(c, i.value, j.value, &equal);

            if (rc < 0)
                return rc;
            if (equal) {
                *twice = j.value;
                return 0;
            }
        }
    }
    return 0;
}
