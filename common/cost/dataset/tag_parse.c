/* Tags in the shapes that providers write them, as pairs of key and value. */
#include "tag_parse.h"

#include <mcp/json.h>

/* Members without braces get them: a tag column of 1 MiB is the largest field there is. */
static const struct mcp_json_limits limits = { .max_bytes = (size_t)2 << 20,
                                               .max_tokens = 65536,
                                               .max_depth = 16 };

static int value_of(struct mcp_json v, struct mcp_arena *arena, mcp_str *out)
{
    switch (mcp_json_type(v)) {
    case MCP_JSON_STRING:
        return mcp_json_str(v, arena, out);
    case MCP_JSON_MISSING:
    case MCP_JSON_NULL:
        *out = MCP_STR("");
        return 0;
    default:
        *out = mcp_json_raw(v);
        return 0;
    }
}

static int put(struct cost__tag_list *list, mcp_str key, mcp_str value)
{
    if (list->n == COST__MAX_TAGS)
        return MCP_ETOOBIG;
    list->pairs[list->n++] = (struct cost__tag_pair){ key, value };
    return 0;
}

static int from_object(struct mcp_json object, struct mcp_arena *arena, struct cost__tag_list *list)
{
    struct mcp_json_iter it = mcp_json_iter(object);

    while (mcp_json_next(&it)) {
        mcp_str key, value;
        int rc;

        if (mcp_json_str(it.key, arena, &key) != 0 || value_of(it.value, arena, &value) != 0)
            return MCP_EDATA;
        rc = put(list, key, value);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* One {"key": k, "value": v} in the three spellings. */
static int from_pair(struct mcp_json pair, struct mcp_arena *arena, struct cost__tag_list *list)
{
    static const struct {
        mcp_str key, value;
    } spellings[] = {
        { { "key", 3 }, { "value", 5 } },
        { { "Key", 3 }, { "Value", 5 } },
        { { "TagKey", 6 }, { "TagValue", 8 } },
    };

    if (mcp_json_type(pair) != MCP_JSON_OBJECT)
        return MCP_EDATA;
    for (size_t i = 0; i < sizeof(spellings) / sizeof(*spellings); i++) {
        struct mcp_json k = mcp_json_get(pair, spellings[i].key);
        mcp_str key, value;

        if (mcp_json_type(k) != MCP_JSON_STRING)
            continue;
        if (mcp_json_str(k, arena, &key) != 0 ||
            value_of(mcp_json_get(pair, spellings[i].value), arena, &value) != 0)
            return MCP_EDATA;
        return put(list, key, value);
    }
    /* [{"team": "web"}, {"env": "prod"}]: each an object of its own */
    return from_object(pair, arena, list);
}

int cost__tag_parse(mcp_str text, struct mcp_arena *arena, struct cost__tag_list *list,
                    const char **reason)
{
    struct mcp_json root;
    int rc;

    *reason = "it is no JSON object of tags";
    text = mcp_str_trim(text);
    if (text.len == 0)
        return 0;
    if (text.ptr[0] == '"') {
        /* Azure: "key": "value","key2": "value2" */
        char *braced;

        if (text.ptr[text.len - 1] == ',')
            text.len--;
        braced = mcp_arena_try(arena, text.len + 2);
        if (braced == NULL) {
            *reason = "out of memory";
            return MCP_ENOMEM;
        }
        braced[0] = '{';
        memcpy(braced + 1, text.ptr, text.len);
        braced[text.len + 1] = '}';
        text = mcp_str_n(braced, text.len + 2);
    }
    rc = mcp_json_parse(arena, text, &limits, &root, NULL);
    if (rc == MCP_ENOMEM) {
        *reason = "out of memory";
        return rc;
    }
    if (rc != 0)
        return MCP_EDATA;
    rc = MCP_EDATA;
    if (mcp_json_type(root) == MCP_JSON_NULL) {
        rc = 0;
    } else if (mcp_json_type(root) == MCP_JSON_OBJECT) {
        rc = from_object(root, arena, list);
    } else if (mcp_json_type(root) == MCP_JSON_ARRAY) {
        struct mcp_json_iter it = mcp_json_iter(root);

        rc = 0;
        while (rc == 0 && mcp_json_next(&it))
            rc = from_pair(it.value, arena, list);
    }
    if (rc == MCP_ETOOBIG)
        *reason = "it has more than 512 tags";
    return rc;
}
