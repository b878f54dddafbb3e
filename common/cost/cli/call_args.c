/* Flags of `call TOOL` turned into the tool's arguments, by the types its schema gives them. */
#include "call_args.h"

#include <mcp/json.h>
#include <mcp/json_writer.h>

#define MAX_VALUES 200

const struct mcp_tool *cost__call_tool(const char *name)
{
    for (size_t i = 0; i < cost_n_tool_rows; i++) {
        if (strcmp(cost_tool_rows[i].name, name) == 0)
            return &cost_tool_rows[i];
    }
    return NULL;
}

/* Arguments as they are gathered: the JSON text of each, by its name. */
struct gathered {
    struct {
        mcp_str name, json;
    } items[64];
    size_t count;
    struct {
        mcp_str key, value;
        bool negate;
    } filters[MAX_VALUES];
    size_t n_filters;
    struct mcp_arena *arena;
};

static void set(struct gathered *g, mcp_str name, mcp_str json)
{
    size_t i = 0;

    while (i < g->count && !mcp_str_eq(g->items[i].name, name))
        i++;
    if (i == sizeof(g->items) / sizeof(g->items[0]))
        return; /* more names than any schema has */
    g->count += i == g->count;
    g->items[i].name = name;
    g->items[i].json = json;
}

static mcp_str take(struct gathered *g, struct mcp_buf *buf)
{
    mcp_str text = mcp_arena_str(g->arena, mcp_buf_view(buf));

    mcp_buf_release(buf);
    return text;
}

static mcp_str quoted(struct gathered *g, mcp_str s)
{
    struct mcp_buf buf;

    mcp_buf_init(&buf, 1 << 20);
    mcp_json_quote(&buf, s);
    return take(g, &buf);
}

/* "a,b,c" as an array of strings. */
static mcp_str listed(struct gathered *g, mcp_str s)
{
    struct mcp_buf buf;
    mcp_str item;
    bool more;

    mcp_buf_init(&buf, 1 << 20);
    mcp_buf_char(&buf, '[');
    do {
        more = mcp_str_cut(&s, ',', &item);
        mcp_json_quote(&buf, mcp_str_trim(item));
        mcp_buf_z(&buf, more ? "," : "]");
    } while (more);
    return take(g, &buf);
}

static bool has_type(struct mcp_json property, mcp_str name)
{
    struct mcp_json type = mcp_json_get(property, MCP_STR("type"));

    if (mcp_json_type(type) != MCP_JSON_ARRAY)
        return mcp_json_str_eq(type, name);
    for (struct mcp_json_iter it = mcp_json_iter(type); mcp_json_next(&it);) {
        if (mcp_json_str_eq(it.value, name))
            return true;
    }
    return false;
}

static bool is_json(struct gathered *g, mcp_str value)
{
    struct mcp_json root;

    return mcp_json_parse(g->arena, value, NULL, &root, NULL) == 0;
}

/* KEY=V1,V2 or KEY!=V1,V2; an empty value is the missing one. */
static int add_filter(struct gathered *g, mcp_str text, struct mcp_error *err)
{
    mcp_str value = text, key, item;
    bool negate, more;

    if (!mcp_str_cut(&value, '=', &key) || key.len == 0) {
        mcp_error_set(err, MCP_EINVAL, "--filter takes KEY=VALUE, not \"%.*s\"", MCP_STR_ARG(text));
        return mcp_error_next(err, "For example --filter service=AmazonEC2 or --filter "
                                   "charge_category!=Tax.");
    }
    negate = key.ptr[key.len - 1] == '!';
    key.len -= negate;
    do {
        more = mcp_str_cut(&value, ',', &item);
        if (g->n_filters == MAX_VALUES)
            return mcp_error_set(err, MCP_EINVAL, "more than %d filter values", MAX_VALUES);
        g->filters[g->n_filters].key = mcp_str_trim(key);
        g->filters[g->n_filters].value = mcp_str_trim(item);
        g->filters[g->n_filters++].negate = negate;
    } while (more);
    return 0;
}

static void put_filter_key(const struct gathered *g, size_t first, struct mcp_jsonw *w)
{
    mcp_jsonw_key(w, g->filters[first].key);
    if (g->filters[first].negate) {
        mcp_jsonw_object(w);
        mcp_jsonw_key(w, MCP_STR("not"));
    }
    mcp_jsonw_array(w);
    for (size_t i = first; i < g->n_filters; i++) {
        if (!mcp_str_eq(g->filters[i].key, g->filters[first].key))
            continue;
        if (g->filters[i].value.len == 0)
            mcp_jsonw_null(w);
        else
            mcp_jsonw_str(w, g->filters[i].value);
    }
    mcp_jsonw_end(w);
    if (g->filters[first].negate)
        mcp_jsonw_end(w);
}

static int set_filters(struct gathered *g, struct mcp_error *err)
{
    struct mcp_jsonw w;
    struct mcp_buf buf;

    if (g->n_filters == 0)
        return 0;
    mcp_buf_init(&buf, 1 << 20);
    mcp_jsonw_init(&w, &buf);
    mcp_jsonw_object(&w);
    for (size_t i = 0; i < g->n_filters; i++) {
        size_t j = 0;

        while (!mcp_str_eq(g->filters[j].key, g->filters[i].key))
            j++;
        if (g->filters[j].negate != g->filters[i].negate) {
            mcp_buf_release(&buf);
            mcp_error_set(err, MCP_EINVAL, "--filter asks for \"%.*s\" both with = and with !=",
                          MCP_STR_ARG(g->filters[i].key));
            return mcp_error_next(err, "Use one of the two for each key.");
        }
        if (j == i)
            put_filter_key(g, i, &w);
    }
    mcp_jsonw_end(&w);
    set(g, MCP_STR("filters"), take(g, &buf));
    return 0;
}

static int set_flag(struct gathered *g, mcp_str name, struct mcp_json property, mcp_str value,
                    struct mcp_error *err)
{
    if (mcp_str_eq(name, MCP_STR("filters")) && !mcp_str_starts(value, MCP_STR("{")))
        return add_filter(g, value, err);
    if (has_type(property, MCP_STR("array")) && !mcp_str_starts(value, MCP_STR("[")))
        set(g, name, listed(g, value));
    else if (has_type(property, MCP_STR("string")) && !mcp_str_starts(value, MCP_STR("{")))
        set(g, name, quoted(g, value));
    else
        set(g, name, is_json(g, value) ? value : quoted(g, value));
    return 0;
}

/* --group-by and --group_by name the argument group_by; --filter is --filters. */
static mcp_str property_name(struct gathered *g, mcp_str flag)
{
    char *name = mcp_arena_alloc(g->arena, flag.len + 2);

    for (size_t i = 0; i < flag.len; i++)
        name[i] = flag.ptr[i] == '-' ? '_' : flag.ptr[i];
    if (mcp_str_eq(flag, MCP_STR("filter")))
        return MCP_STR("filters");
    return mcp_str_n(name, flag.len);
}

static int merge_args(struct gathered *g, mcp_str args, struct mcp_error *err)
{
    struct mcp_json root;
    int rc = mcp_json_parse(g->arena, args, NULL, &root, err);

    if (rc == 0 && mcp_json_type(root) != MCP_JSON_OBJECT)
        rc = mcp_error_set(err, MCP_EINVAL, "--args is no JSON object");
    if (rc < 0)
        return mcp_error_next(err, "For example --args '{\"group_by\":[\"service\"]}'.");
    for (struct mcp_json_iter it = mcp_json_iter(root); mcp_json_next(&it);) {
        mcp_str name;

        mcp_json_str(it.key, g->arena, &name);
        set(g, name, mcp_json_raw(it.value));
    }
    return 0;
}

/* One flag of argv[*i]; 1 when it was an argument of the tool, 0 when not. */
static int one_flag(struct gathered *g, struct mcp_json properties, int argc, char **argv, int *i,
                    struct mcp_error *err)
{
    mcp_str value = mcp_str_z(argv[*i]), flag;
    struct mcp_json property;
    bool given;

    if (!mcp_str_cut_prefix(&value, MCP_STR("--")))
        return 0;
    given = mcp_str_cut(&value, '=', &flag);
    if (mcp_str_eq(flag, MCP_STR("args"))) {
        if (!given && *i + 1 >= argc)
            return mcp_error_set(err, MCP_EINVAL, "--args needs a JSON object");
        return merge_args(g, given ? value : mcp_str_z(argv[++*i]), err) < 0 ? MCP_EINVAL : 1;
    }
    property = mcp_json_get(properties, property_name(g, flag));
    if (!mcp_json_exists(property))
        return 0;
    if (!given && has_type(property, MCP_STR("boolean")) &&
        (*i + 1 >= argc ||
         (strcmp(argv[*i + 1], "true") != 0 && strcmp(argv[*i + 1], "false") != 0)))
        value = MCP_STR("true");
    else if (!given && *i + 1 >= argc)
        return mcp_error_set(err, MCP_EINVAL, "--%.*s needs a value", MCP_STR_ARG(flag));
    else if (!given)
        value = mcp_str_z(argv[++*i]);
    return set_flag(g, property_name(g, flag), property, value, err) < 0 ? MCP_EINVAL : 1;
}

int cost__call_args(const struct mcp_tool *tool, int *argc, char **argv, struct mcp_arena *arena,
                    struct mcp_buf *json, struct mcp_error *err)
{
    struct gathered *g = MCP_ARENA_NEW(arena, struct gathered);
    struct mcp_json schema, properties;
    struct mcp_jsonw w;
    int left = 0, rc;

    g->arena = arena;
    rc = mcp_json_parse(arena, mcp_str_n(tool->in->text, tool->in->len), NULL, &schema, err);
    properties = mcp_json_get(schema, MCP_STR("properties"));
    for (int i = 0; rc >= 0 && i < *argc; i++) {
        int at = i;

        rc = one_flag(g, properties, *argc, argv, &i, err);
        if (rc == 0)
            argv[left++] = argv[at];
    }
    if (rc >= 0)
        rc = set_filters(g, err);
    if (rc < 0)
        return rc;
    *argc = left;
    mcp_jsonw_init(&w, json);
    mcp_jsonw_object(&w);
    for (size_t i = 0; i < g->count; i++) {
        mcp_jsonw_key(&w, g->items[i].name);
        mcp_jsonw_raw(&w, g->items[i].json);
    }
    mcp_jsonw_end(&w);
    return mcp_buf_error(json);
}

int cost__call_unknown_flag(const struct mcp_tool *tool, mcp_str word, struct mcp_arena *arena,
                            struct mcp_error *err)
{
    struct mcp_json schema;
    mcp_str flag, best = MCP_STR_NULL, name;
    unsigned best_distance = 4;
    char *shown;

    mcp_str_cut_prefix(&word, MCP_STR("--"));
    mcp_str_cut(&word, '=', &flag); /* the value may be a secret: it is not repeated */
    if (mcp_json_parse(arena, mcp_str_n(tool->in->text, tool->in->len), NULL, &schema, NULL) < 0)
        return 0;
    for (struct mcp_json_iter it = mcp_json_iter(mcp_json_get(schema, MCP_STR("properties")));
         mcp_json_next(&it);) {
        unsigned distance;

        if (mcp_json_str(it.key, arena, &name) < 0)
            continue;
        distance = mcp_str_distance(flag, name, 3);
        if (distance < best_distance && 2 * distance <= flag.len) {
            best_distance = distance;
            best = name;
        }
    }
    if (mcp_str_is_null(best))
        return 0;
    mcp_error_set(err, MCP_EINVAL, "unknown flag --%.*s", MCP_STR_ARG(mcp_str_head(flag, 80)));
    shown = mcp_arena_alloc(arena, best.len + 1);
    for (size_t i = 0; i < best.len; i++)
        shown[i] = best.ptr[i] == '_' ? '-' : best.ptr[i];
    return mcp_error_next(err, "Did you mean --%s? call %s --help lists the arguments.", shown,
                          tool->name);
}
