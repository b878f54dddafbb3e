/* What a check says when a value does not match: the argument's path, the rule, a good value. */
#include "json_doc.h"
#include "schema_node.h"

#include <mcp/buf.h>

#include <stdarg.h>

#define VALUE_BYTES 60
#define NAMES_MAX 12
#define KNOWN_MAX 24 /* all arguments of a tool */
#define TEXT_BYTES 1000 /* what fits mcp_error.message */

/* A text that is cut at its cap: the sticky failure of the buf is "enough was said". */
static void put(struct mcp_buf *text, mcp_str s)
{
    mcp_buf_str(text, mcp_str_head(s, text->cap - text->len));
}

static void put_cut(struct mcp_buf *text, mcp_str s)
{
    mcp_str head = mcp_str_head(s, VALUE_BYTES);

    put(text, head);
    if (head.len < s.len)
        put(text, MCP_STR("..."));
}

/* The value as it was given; what is nested only by its type. */
static void put_value(struct mcp_buf *text, struct mcp_json v)
{
    switch (mcp_json_type(v)) {
    case MCP_JSON_ARRAY:
        put(text, mcp_json_count(v) == 0 ? MCP_STR("an empty array") : MCP_STR("an array"));
        break;
    case MCP_JSON_OBJECT:
        put(text, MCP_STR("an object"));
        break;
    case MCP_JSON_STRING:
        put(text, MCP_STR("\""));
        put_cut(text, mcp__json_content(v));
        put(text, MCP_STR("\""));
        break;
    case MCP_JSON_NUMBER:
    case MCP_JSON_BOOL:
    case MCP_JSON_NULL:
    case MCP_JSON_MISSING:
    default:
        put_cut(text, mcp_json_raw(v));
        break;
    }
}

static void put_path(struct mcp_buf *text, const struct schema_place *at)
{
    if (at->up != NULL)
        put_path(text, at->up);
    if (mcp_json_exists(at->key)) {
        if (at->up != NULL)
            put(text, MCP_STR("."));
        put_cut(text, mcp__json_content(at->key));
    } else {
        mcp_buf_printf(text, "[%zu]", at->index);
    }
}

static void put_place(struct mcp_buf *text, const struct schema_place *at)
{
    if (at == NULL)
        put(text, MCP_STR("the value"));
    else
        put_path(text, at);
}

/* "; for example X" from examples or default, when the schema has one that is short. */
static void put_example(struct mcp_buf *text, const struct schema_node *n)
{
    struct mcp_json examples = mcp_json_get(n->source, MCP_STR("examples"));
    struct mcp_json good = mcp_json_get(n->source, MCP_STR("default"));
    struct mcp_json_iter it = mcp_json_iter(examples);

    if (mcp_json_type(examples) == MCP_JSON_ARRAY && mcp_json_next(&it))
        good = it.value;
    if (!mcp_json_exists(good) || mcp_json_raw(good).len > VALUE_BYTES * 2)
        return;
    put(text, MCP_STR("; for example "));
    put(text, mcp_json_raw(good));
}

static int finish(struct schema_check *c, struct mcp_buf *text)
{
    mcp_str view = mcp_buf_view(text);

    mcp_error_set(c->err, MCP_EINVAL, "%.*s", MCP_STR_ARG(view));
    mcp_buf_release(text);
    return MCP_EINVAL;
}

int mcp__schema_fail(struct schema_check *c, const struct schema_node *node, struct mcp_json v,
                     const struct schema_place *at, const char *rule, ...)
{
    struct mcp_buf text;
    va_list ap;

    if (c->err == NULL)
        return MCP_EINVAL;
    mcp_buf_init(&text, TEXT_BYTES);
    put_place(&text, at);
    put(&text, MCP_STR(" "));
    va_start(ap, rule);
    mcp_buf_vprintf(&text, rule, ap);
    va_end(ap);
    if (mcp_json_exists(v)) {
        put(&text, MCP_STR(", not "));
        put_value(&text, v);
    }
    put_example(&text, node);
    return finish(c, &text);
}

/* "a string, an array or null" */
static void put_types(struct mcp_buf *text, unsigned types)
{
    static const struct {
        unsigned bit;
        mcp_str words;
    } rows[] = {
        { T_STRING, { "a string", 8 } },
        { T_NUMBER, { "a number", 8 } },
        { T_INTEGER, { "a whole number", 14 } },
        { T_BOOL, { "true or false", 13 } },
        { T_ARRAY, { "an array", 8 } },
        { T_OBJECT, { "an object", 9 } },
        { T_NULL, { "null", 4 } },
    };
    unsigned left = types;

    if ((left & T_NUMBER) != 0)
        left &= ~(unsigned)T_INTEGER;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if ((left & rows[i].bit) == 0)
            continue;
        left &= ~rows[i].bit;
        put(text, rows[i].words);
        if (left != 0)
            put(text, (left & (left - 1)) == 0 ? MCP_STR(" or ") : MCP_STR(", "));
    }
}

int mcp__schema_fail_type(struct schema_check *c, const struct schema_node *node, struct mcp_json v,
                          const struct schema_place *at)
{
    struct mcp_buf text;

    if (c->err == NULL)
        return MCP_EINVAL;
    mcp_buf_init(&text, TEXT_BYTES);
    put_place(&text, at);
    put(&text, MCP_STR(" must be "));
    put_types(&text, node->types);
    put(&text, MCP_STR(", not "));
    put_value(&text, v);
    put_example(&text, node);
    return finish(c, &text);
}

/* How far a name may be off and still be meant. */
static unsigned near_enough(mcp_str name)
{
    return name.len <= 3 ? 1 : name.len <= 6 ? 2 : 3;
}

/* The content of a string of the schema, or any other value as it stands. */
static mcp_str plain(struct mcp_json v)
{
    mcp_str content = mcp__json_content(v);

    return mcp_str_is_null(content) ? mcp_json_raw(v) : content;
}

/* The word of a list that was meant, as far as was looked. */
struct nearest {
    mcp_str given; /* borrowed */
    mcp_str word; /* missing while none is near enough */
    unsigned distance;
};

static struct nearest nearest_to(mcp_str given)
{
    return (struct nearest){ given, MCP_STR_NULL, near_enough(given) };
}

static void try_word(struct nearest *near, mcp_str word)
{
    unsigned distance = mcp_str_distance(near->given, word, near->distance);

    if (distance < near->distance || (distance == near->distance && mcp_str_is_null(near->word))) {
        near->distance = distance;
        near->word = word;
    }
}

/* "one of A, B, C", at most NAMES_MAX of them. */
static void put_enum(struct mcp_buf *text, struct mcp_json enumeration, struct nearest *near)
{
    put(text, mcp_json_count(enumeration) == 1 ? MCP_STR("") : MCP_STR("one of "));
    for (struct mcp_json_iter it = mcp_json_iter(enumeration); mcp_json_next(&it);) {
        mcp_str word = plain(it.value);

        try_word(near, word);
        if (it.index < NAMES_MAX) {
            put(text, it.index == 0 ? MCP_STR("") : MCP_STR(", "));
            put_cut(text, word);
        } else if (it.index == NAMES_MAX) {
            put(text, MCP_STR(", ..."));
        }
    }
}

static void put_nearest(struct mcp_buf *text, const struct nearest *near)
{
    if (!mcp_str_is_null(near->word)) {
        put(text, MCP_STR(" (did you mean "));
        put_cut(text, near->word);
        put(text, MCP_STR("?)"));
    }
}

int mcp__schema_fail_enum(struct schema_check *c, const struct schema_node *node, struct mcp_json v,
                          const struct schema_place *at)
{
    struct nearest near = nearest_to(plain(v));
    struct mcp_buf text;

    if (c->err == NULL)
        return MCP_EINVAL;
    mcp_buf_init(&text, TEXT_BYTES);
    put_place(&text, at);
    put(&text, MCP_STR(" must be "));
    put_enum(&text, node->enumeration, &near);
    put(&text, MCP_STR(", not "));
    put_value(&text, v);
    put_nearest(&text, &near);
    return finish(c, &text);
}

/* " in filters" for members that are not arguments themselves. */
static void put_within(struct mcp_buf *text, const struct schema_place *at)
{
    if (at != NULL) {
        put(text, MCP_STR(" in "));
        put_path(text, at);
    }
}

int mcp__schema_fail_unknown(struct schema_check *c, const struct schema_node *node,
                             struct mcp_json key, const struct schema_place *at)
{
    struct nearest near = nearest_to(mcp__json_content(key));
    struct mcp_buf text;

    if (c->err == NULL)
        return MCP_EINVAL;
    for (size_t i = 0; i < node->n_props; i++)
        try_word(&near, node->props[i].name);
    mcp_buf_init(&text, TEXT_BYTES);
    put(&text, at == NULL ? MCP_STR("unknown argument \"") : MCP_STR("unknown name \""));
    put_cut(&text, near.given);
    put(&text, MCP_STR("\""));
    put_within(&text, at);
    if (!mcp_str_is_null(near.word)) {
        put(&text, MCP_STR("; did you mean \""));
        put_cut(&text, near.word);
        put(&text, MCP_STR("\"?"));
    } else {
        put(&text, MCP_STR("."));
    }
    put(&text, node->n_props == 0 ? MCP_STR(" None is known here.") : MCP_STR(" Known: "));
    for (size_t i = 0; i < node->n_props && i < KNOWN_MAX; i++) {
        put(&text, i == 0 ? MCP_STR("") : MCP_STR(", "));
        put_cut(&text, node->props[i].name);
    }
    if (node->n_props > KNOWN_MAX)
        put(&text, MCP_STR(", and others"));
    return finish(c, &text);
}

int mcp__schema_fail_missing(struct schema_check *c, const struct schema_node *node, mcp_str name,
                             const struct schema_place *at)
{
    const struct schema_prop *prop = mcp__schema_prop(node, name);
    struct mcp_buf text;

    if (c->err == NULL)
        return MCP_EINVAL;
    mcp_buf_init(&text, TEXT_BYTES);
    put(&text, at == NULL ? MCP_STR("missing argument \"") : MCP_STR("missing \""));
    put_cut(&text, name);
    put(&text, MCP_STR("\""));
    put_within(&text, at);
    if (prop != NULL)
        put_example(&text, prop->node);
    return finish(c, &text);
}

/* The node that says which types a form takes: $ref leads there. */
static const struct schema_node *typed(const struct schema_node *n)
{
    for (int i = 0; i < 8 && n->types == 0 && n->ref != NULL; i++)
        n = n->ref;
    return n;
}

/* What a form is called in a list of them. */
static void put_form(struct mcp_buf *text, const struct schema_node *form, struct nearest *near)
{
    const struct schema_node *n = typed(form);
    mcp_str title = mcp__json_content(mcp_json_get(form->source, MCP_STR("title")));

    if (title.len > 0) {
        put_cut(text, title);
    } else if (mcp_json_exists(n->constant)) {
        put_cut(text, mcp_json_raw(n->constant));
        try_word(near, plain(n->constant));
    } else if (mcp_json_exists(n->enumeration)) {
        put_enum(text, n->enumeration, near);
    } else if (n->pattern != NULL) {
        put(text, MCP_STR("a string that matches "));
        put_cut(text, mcp__pattern_text(n->pattern));
    } else if (n->types != 0) {
        put_types(text, n->types);
        for (size_t i = 0; i < n->n_required && i < NAMES_MAX; i++) {
            put(text, i == 0 ? MCP_STR(" with ") : MCP_STR(", "));
            put_cut(text, n->required[i]);
        }
    } else {
        put(text, MCP_STR("another form"));
    }
}

int mcp__schema_fail_forms(struct schema_check *c, const struct schema_list *forms,
                           struct mcp_json v, const struct schema_place *at)
{
    unsigned type = mcp__schema_type(v);
    const struct schema_node *meant = NULL;
    struct nearest near = nearest_to(plain(v));
    size_t fitting = 0;
    struct mcp_buf text;

    if (c->err == NULL)
        return MCP_EINVAL;
    /* When only one form takes this type, its own complaint is the helpful one. */
    for (size_t i = 0; i < forms->n; i++) {
        const struct schema_node *n = typed(forms->nodes[i]);

        if (n->types == 0 || (n->types & type) != 0) {
            meant = forms->nodes[i];
            fitting++;
        }
    }
    if (fitting == 1)
        return mcp__schema_visit(c, meant, v, at);
    mcp_buf_init(&text, TEXT_BYTES);
    put_place(&text, at);
    put(&text, MCP_STR(" must be "));
    for (size_t i = 0; i < forms->n && i < NAMES_MAX; i++) {
        put(&text, i == 0 ? MCP_STR("") : MCP_STR(" or "));
        put_form(&text, forms->nodes[i], &near);
    }
    put(&text, MCP_STR(", not "));
    put_value(&text, v);
    put_nearest(&text, &near);
    return finish(c, &text);
}
