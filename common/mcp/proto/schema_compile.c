/* From the text of a JSON Schema to nodes: one row of a table per keyword. */
#include "json_doc.h"
#include "schema_node.h"

#include <stdlib.h>

#define NODES_MAX 10000
#define POINTER_MAX 512

/* One compilation. known finds the node of a schema that was met before, by its token, so that $ref
 * may lead back to what contains it. */
struct compiler {
    struct mcp_arena *arena; /* borrowed */
    struct mcp_json root;
    struct mcp_error *err; /* borrowed */
    struct known {
        uint32_t tok;
        struct schema_node *node; /* borrowed from the arena */
    } * known; /* owned */
    size_t n_known;
    mcp_str keyword; /* that is read now, for messages */
};

struct keyword {
    const char *name;
    int (*read)(struct compiler *c, struct schema_node *n, struct mcp_json v);
};

static int compile_node(struct compiler *c, struct mcp_json v, const struct schema_node **out);

static int bad(struct compiler *c, struct mcp_json v, const char *what)
{
    mcp_str raw = mcp_json_raw(v);
    mcp_str head = mcp_str_head(raw, 60);

    return mcp_error_set(c->err, MCP_EINVAL, "schema: %.*s at byte %zu: %s, not %.*s%s",
                         MCP_STR_ARG(c->keyword), (size_t)(raw.ptr - mcp_json_raw(c->root).ptr),
                         what, MCP_STR_ARG(head), head.len < raw.len ? "..." : "");
}

/* A name that stands twice would leave open which of the two counts. */
static int refuse_twice(struct compiler *c, struct mcp_json object)
{
    struct mcp_json twice = mcp_json_duplicate(object);

    return mcp_json_exists(twice) ? bad(c, twice, "each name must stand once") : 0;
}

static void *array_of(struct compiler *c, size_t n, size_t size)
{
    void *ptr = mcp_arena_try_array(c->arena, n == 0 ? 1 : n, size);

    if (ptr == NULL)
        mcp_error_set(c->err, MCP_ENOMEM, "schema: too large");
    return ptr;
}

static int string_of(struct compiler *c, struct mcp_json v, mcp_str *out, const char *what)
{
    if (mcp_json_type(v) != MCP_JSON_STRING)
        return bad(c, v, what);
    if (mcp_json_str(v, c->arena, out) < 0)
        return mcp_error_set(c->err, MCP_ENOMEM, "schema: too large");
    return 0;
}

static int strings_of(struct compiler *c, struct mcp_json v, mcp_str **out, size_t *n,
                      const char *what)
{
    if (mcp_json_type(v) != MCP_JSON_ARRAY)
        return bad(c, v, what);
    *n = 0;
    *out = array_of(c, mcp_json_count(v), sizeof(**out));
    if (*out == NULL)
        return MCP_ENOMEM;
    for (struct mcp_json_iter it = mcp_json_iter(v); mcp_json_next(&it);) {
        int rc = string_of(c, it.value, &(*out)[*n], what);

        if (rc < 0)
            return rc;
        ++*n;
    }
    return 0;
}

static int list_of(struct compiler *c, struct mcp_json v, struct schema_list *out, const char *what)
{
    size_t n = 0;

    if (mcp_json_type(v) != MCP_JSON_ARRAY || mcp_json_count(v) == 0)
        return bad(c, v, what);
    out->nodes = array_of(c, mcp_json_count(v), sizeof(const struct schema_node *));
    if (out->nodes == NULL)
        return MCP_ENOMEM;
    for (struct mcp_json_iter it = mcp_json_iter(v); mcp_json_next(&it);) {
        int rc = compile_node(c, it.value, &out->nodes[n++]);

        if (rc < 0)
            return rc;
    }
    out->n = n;
    return 0;
}

static int size_of(struct compiler *c, struct mcp_json v, size_t *out)
{
    int64_t value;

    if (mcp_json_int64(v, &value) < 0 || value < 0)
        return bad(c, v, "a size must be a whole number from 0 on");
    *out = (size_t)value;
    return 0;
}

static int bound_of(struct compiler *c, struct mcp_json v, struct schema_bound *out)
{
    if (mcp_json_type(v) != MCP_JSON_NUMBER || mcp_decimal_parse(mcp_json_raw(v), &out->value) < 0)
        return bad(c, v, "a bound must be a number");
    out->raw = mcp_json_raw(v);
    return 0;
}

static int type_bit(struct compiler *c, struct mcp_json v, unsigned *bits)
{
    static const struct {
        const char *name;
        unsigned bits;
    } types[] = {
        { "array", T_ARRAY },
        { "boolean", T_BOOL },
        { "integer", T_INTEGER },
        { "null", T_NULL },
        { "number", T_NUMBER | T_INTEGER },
        { "object", T_OBJECT },
        { "string", T_STRING },
    };

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (mcp_json_str_eq(v, mcp_str_z(types[i].name))) {
            *bits |= types[i].bits;
            return 0;
        }
    }
    return bad(c, v, "type must be array, boolean, integer, null, number, object or string");
}

static int read_type(struct compiler *c, struct schema_node *n, struct mcp_json v)
{
    if (mcp_json_type(v) != MCP_JSON_ARRAY)
        return type_bit(c, v, &n->types);
    if (mcp_json_count(v) == 0)
        return bad(c, v, "type must name at least one type");
    for (struct mcp_json_iter it = mcp_json_iter(v); mcp_json_next(&it);) {
        int rc = type_bit(c, it.value, &n->types);

        if (rc < 0)
            return rc;
    }
    return 0;
}

static int read_enum(struct compiler *c, struct schema_node *n, struct mcp_json v)
{
    if (mcp_json_type(v) != MCP_JSON_ARRAY)
        return bad(c, v, "enum must be a list of values");
    n->enumeration = v;
    n->parts |= PART_EQUAL;
    return 0;
}

static int read_const(struct compiler *c, struct schema_node *n, struct mcp_json v)
{
    (void)c;
    n->constant = v;
    n->parts |= PART_EQUAL;
    return 0;
}

/* The target of "#" and "#/a/b": ~0 and ~1 by RFC 6901, %XX by RFC 3986. Writes the plain steps into
 * out; false when the reference is of another kind. */
static bool pointer_plain(mcp_str ref, char out[POINTER_MAX], size_t *len)
{
    *len = 0;
    if (ref.len == 0 || ref.len > POINTER_MAX || ref.ptr[0] != '#' ||
        (ref.len > 1 && ref.ptr[1] != '/'))
        return false;
    for (size_t i = 1; i < ref.len; i++) {
        char ch = ref.ptr[i];

        if (ch == '%') {
            char hex[3] = { 0 };
            char *end;

            if (ref.len - i < 3)
                return false;
            memcpy(hex, ref.ptr + i + 1, 2);
            ch = (char)strtoul(hex, &end, 16);
            if (end != hex + 2)
                return false;
            i += 2;
        }
        out[(*len)++] = ch;
    }
    return true;
}

/* One step of a pointer, its ~ escapes undone in place. */
static mcp_str unescape_step(char *step, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        char ch = step[i];

        if (ch == '~' && i + 1 < len && (step[i + 1] == '0' || step[i + 1] == '1'))
            ch = step[++i] == '0' ? '~' : '/';
        step[n++] = ch;
    }
    return mcp_str_n(step, n);
}

static struct mcp_json element(struct mcp_json array, mcp_str index)
{
    int64_t at;

    if (mcp_str_int64(index, &at) == 0) {
        for (struct mcp_json_iter it = mcp_json_iter(array); mcp_json_next(&it);) {
            if (it.index == (size_t)at)
                return it.value;
        }
    }
    return (struct mcp_json){ NULL, 0 };
}

static int read_ref(struct compiler *c, struct schema_node *n, struct mcp_json v)
{
    struct mcp_json target = c->root;
    char plain[POINTER_MAX];
    size_t len, at = 0;
    mcp_str ref, id;
    int rc = string_of(c, v, &ref, "$ref must be a string");

    if (rc < 0)
        return rc;
    id = mcp_json_get_str(c->root, MCP_STR("$id"), c->arena);
    if (id.len > 0 && mcp_str_cut_prefix(&ref, id) && ref.len == 0)
        ref = MCP_STR("#");
    if (!pointer_plain(ref, plain, &len))
        return bad(c, v, "$ref must lead to a place in this schema (\"#\" or \"#/...\")");
    while (at < len && mcp_json_exists(target)) {
        size_t begin = at + 1; /* behind the slash */
        mcp_str step;

        at = begin + mcp_str_find(mcp_str_n(plain + begin, len - begin), '/');
        step = unescape_step(plain + begin, at - begin);
        target = mcp_json_type(target) == MCP_JSON_ARRAY ? element(target, step)
                                                         : mcp_json_get(target, step);
    }
    if (!mcp_json_exists(target))
        return bad(c, v, "$ref must lead to something that is there");
    n->parts |= PART_COMBINED;
    return compile_node(c, target, &n->ref);
}

static int read_pattern(struct compiler *c, struct schema_node *n, struct mcp_json v)
{
    mcp_str text;
    int rc = string_of(c, v, &text, "pattern must be a string");

    if (rc < 0)
        return rc;
    n->parts |= T_STRING;
    n->pattern = mcp__pattern_new(c->arena, text, c->err);
    return n->pattern == NULL ? MCP_EINVAL : 0;
}

static int read_format(struct compiler *c, struct schema_node *n, struct mcp_json v)
{
    (void)c;
    n->format = mcp__schema_format(v);
    if (n->format != NULL)
        n->parts |= T_STRING;
    return 0;
}

static int cmp_prop(const void *a, const void *b, void *props)
{
    const struct schema_prop *p = props;

    return mcp__schema_name_cmp(p[*(const uint32_t *)a].name, p[*(const uint32_t *)b].name);
}

static int read_properties(struct compiler *c, struct schema_node *n, struct mcp_json v)
{
    if (mcp_json_type(v) != MCP_JSON_OBJECT)
        return bad(c, v, "properties must be an object");
    if (refuse_twice(c, v) < 0)
        return MCP_EINVAL;
    n->parts |= T_OBJECT;
    n->props = array_of(c, mcp_json_count(v), sizeof(*n->props));
    n->sorted = array_of(c, mcp_json_count(v), sizeof(*n->sorted));
    if (n->props == NULL || n->sorted == NULL)
        return MCP_ENOMEM;
    for (struct mcp_json_iter it = mcp_json_iter(v); mcp_json_next(&it);) {
        struct schema_prop *prop = &n->props[n->n_props];
        int rc = string_of(c, it.key, &prop->name, "a name must be a string");

        if (rc == 0)
            rc = compile_node(c, it.value, &prop->node);
        if (rc < 0)
            return rc;
        n->sorted[n->n_props] = (uint32_t)n->n_props;
        n->n_props++;
    }
    qsort_r(n->sorted, n->n_props, sizeof(*n->sorted), cmp_prop, n->props);
    return 0;
}

static int read_pattern_properties(struct compiler *c, struct schema_node *n, struct mcp_json v)
{
    if (mcp_json_type(v) != MCP_JSON_OBJECT)
        return bad(c, v, "patternProperties must be an object");
    n->parts |= T_OBJECT;
    n->pattern_props = array_of(c, mcp_json_count(v), sizeof(*n->pattern_props));
    if (n->pattern_props == NULL)
        return MCP_ENOMEM;
    for (struct mcp_json_iter it = mcp_json_iter(v); mcp_json_next(&it);) {
        struct schema_pattern_prop *prop = &n->pattern_props[n->n_pattern_props++];
        mcp_str text;
        int rc = string_of(c, it.key, &text, "a pattern must be a string");

        if (rc < 0)
            return rc;
        prop->pattern = mcp__pattern_new(c->arena, text, c->err);
        if (prop->pattern == NULL)
            return MCP_EINVAL;
        rc = compile_node(c, it.value, &prop->node);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int read_required(struct compiler *c, struct schema_node *n, struct mcp_json v)
{
    n->parts |= T_OBJECT;
    return strings_of(c, v, &n->required, &n->n_required, "required must be a list of names");
}

/* The rules of one keyword about members that others depend on, behind those of the other one. */
static int read_dependents(struct compiler *c, struct schema_node *n, struct mcp_json v, bool names)
{
    struct schema_dependent *all;

    if (mcp_json_type(v) != MCP_JSON_OBJECT)
        return bad(c, v, "what depends on a member must be an object");
    n->parts |= T_OBJECT;
    all = array_of(c, n->n_dependents + mcp_json_count(v), sizeof(*all));
    if (all == NULL)
        return MCP_ENOMEM;
    if (n->n_dependents > 0)
        memcpy(all, n->dependents, n->n_dependents * sizeof(*all));
    n->dependents = all;
    for (struct mcp_json_iter it = mcp_json_iter(v); mcp_json_next(&it);) {
        struct schema_dependent *d = &all[n->n_dependents++];
        int rc = string_of(c, it.key, &d->name, "a name must be a string");

        if (rc == 0 && names)
            rc = strings_of(c, it.value, &d->required, &d->n_required,
                            "dependentRequired must hold lists of names");
        else if (rc == 0)
            rc = compile_node(c, it.value, &d->node);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int read_dependent_required(struct compiler *c, struct schema_node *n, struct mcp_json v)
{
    return read_dependents(c, n, v, true);
}

static int read_dependent_schemas(struct compiler *c, struct schema_node *n, struct mcp_json v)
{
    return read_dependents(c, n, v, false);
}

static int read_unique(struct compiler *c, struct schema_node *n, struct mcp_json v)
{
    n->parts |= T_ARRAY;
    return mcp_json_bool(v, &n->unique) < 0 ? bad(c, v, "uniqueItems must be true or false") : 0;
}

static int read_multiple(struct compiler *c, struct schema_node *n, struct mcp_json v)
{
    int rc = bound_of(c, v, &n->multiple);

    n->parts |= T_NUMBER;
    if (rc < 0)
        return rc;
    if (n->multiple.value.sign <= 0 || n->multiple.value.digits.len > MCP_DECIMAL_DIVISOR_DIGITS)
        return bad(c, v, "multipleOf must be above 0 with at most 18 digits");
    return 0;
}

/* Definitions are compiled where they stand, so that a fault in one is found even when nothing
 * leads to it. */
static int read_defs(struct compiler *c, struct schema_node *n, struct mcp_json v)
{
    (void)n;
    if (mcp_json_type(v) != MCP_JSON_OBJECT)
        return bad(c, v, "$defs must be an object");
    for (struct mcp_json_iter it = mcp_json_iter(v); mcp_json_next(&it);) {
        const struct schema_node *node;
        int rc = compile_node(c, it.value, &node);

        if (rc < 0)
            return rc;
    }
    return 0;
}

static int read_dialect(struct compiler *c, struct schema_node *n, struct mcp_json v)
{
    mcp_str dialect;
    int rc = string_of(c, v, &dialect, "$schema must be a string");

    (void)n;
    if (rc < 0)
        return rc;
    if (mcp_str_ends(dialect, MCP_STR("#")))
        dialect.len--;
    if (mcp_str_eq(dialect, MCP_STR("https://json-schema.org/draft/2020-12/schema")))
        return 0;
    return bad(c, v, "$schema must be https://json-schema.org/draft/2020-12/schema");
}

/* A name for the whole is an annotation; one inside moves what "#" means. */
static int read_id(struct compiler *c, struct schema_node *n, struct mcp_json v)
{
    if (n->source.tok == c->root.tok)
        return 0;
    return bad(c, v, "$id must stand at the root only");
}

static int refuse(struct compiler *c, struct schema_node *n, struct mcp_json v)
{
    (void)n;
    return bad(c, v, "this keyword constrains and is not supported");
}

/* A keyword whose value is one schema, one list of schemas, one number or one size: the row only
 * says which field. */
#define READ(fn, kind, part, field)                                                                \
    static int fn(struct compiler *c, struct schema_node *n, struct mcp_json v)                    \
    {                                                                                              \
        n->parts |= (part);                                                                        \
        return kind(c, v, &n->field);                                                              \
    }
#define READ_LIST(fn, part, field, name)                                                           \
    static int fn(struct compiler *c, struct schema_node *n, struct mcp_json v)                    \
    {                                                                                              \
        n->parts |= (part);                                                                        \
        return list_of(c, v, &n->field, name " must be a list of schemas");                        \
    }
READ(read_additional, compile_node, T_OBJECT, additional)
READ(read_names, compile_node, T_OBJECT, names)
READ(read_items, compile_node, T_ARRAY, items)
READ(read_contains, compile_node, T_ARRAY, contains)
READ(read_not, compile_node, PART_COMBINED, negated)
READ(read_if, compile_node, PART_COMBINED, condition)
READ(read_then, compile_node, 0U, then_node)
READ(read_else, compile_node, 0U, else_node)
READ(read_minimum, bound_of, T_NUMBER, minimum)
READ(read_maximum, bound_of, T_NUMBER, maximum)
READ(read_above, bound_of, T_NUMBER, above)
READ(read_below, bound_of, T_NUMBER, below)
READ(read_min_length, size_of, T_STRING, length.min)
READ(read_max_length, size_of, T_STRING, length.max)
READ(read_min_items, size_of, T_ARRAY, items_range.min)
READ(read_max_items, size_of, T_ARRAY, items_range.max)
READ(read_min_contains, size_of, 0U, contains_range.min)
READ(read_max_contains, size_of, 0U, contains_range.max)
READ(read_min_members, size_of, T_OBJECT, members.min)
READ(read_max_members, size_of, T_OBJECT, members.max)
READ_LIST(read_all, PART_COMBINED, all, "allOf")
READ_LIST(read_any, PART_COMBINED, any, "anyOf")
READ_LIST(read_one, PART_COMBINED, one, "oneOf")
READ_LIST(read_prefix, T_ARRAY, prefix, "prefixItems")

/* Sorted by name. What is not here is an annotation; what constrains and is not understood is
 * refused, because a schema that silently checks less than it says is worse than none. */
static const struct keyword keywords[] = {
    { "$defs", read_defs },
    { "$dynamicRef", refuse },
    { "$id", read_id },
    { "$recursiveRef", refuse },
    { "$ref", read_ref },
    { "$schema", read_dialect },
    { "additionalItems", refuse },
    { "additionalProperties", read_additional },
    { "allOf", read_all },
    { "anyOf", read_any },
    { "const", read_const },
    { "contains", read_contains },
    { "dependencies", refuse },
    { "dependentRequired", read_dependent_required },
    { "dependentSchemas", read_dependent_schemas },
    { "else", read_else },
    { "enum", read_enum },
    { "exclusiveMaximum", read_below },
    { "exclusiveMinimum", read_above },
    { "format", read_format },
    { "if", read_if },
    { "items", read_items },
    { "maxContains", read_max_contains },
    { "maxItems", read_max_items },
    { "maxLength", read_max_length },
    { "maxProperties", read_max_members },
    { "maximum", read_maximum },
    { "minContains", read_min_contains },
    { "minItems", read_min_items },
    { "minLength", read_min_length },
    { "minProperties", read_min_members },
    { "minimum", read_minimum },
    { "multipleOf", read_multiple },
    { "not", read_not },
    { "oneOf", read_one },
    { "pattern", read_pattern },
    { "patternProperties", read_pattern_properties },
    { "prefixItems", read_prefix },
    { "properties", read_properties },
    { "propertyNames", read_names },
    { "required", read_required },
    { "then", read_then },
    { "type", read_type },
    { "unevaluatedItems", refuse },
    { "unevaluatedProperties", refuse },
    { "uniqueItems", read_unique },
};

static int cmp_keyword(const void *name, const void *row)
{
    return mcp_str_cmp(*(const mcp_str *)name, mcp_str_z(((const struct keyword *)row)->name));
}

static int read_keywords(struct compiler *c, struct schema_node *n)
{
    if (refuse_twice(c, n->source) < 0)
        return MCP_EINVAL;
    for (struct mcp_json_iter it = mcp_json_iter(n->source); mcp_json_next(&it);) {
        const struct keyword *row;
        mcp_str name, outer;
        int rc = string_of(c, it.key, &name, "a keyword must be a string");

        if (rc < 0)
            return rc;
        row = bsearch(&name, keywords, sizeof(keywords) / sizeof(keywords[0]), sizeof(keywords[0]),
                      cmp_keyword);
        if (row == NULL)
            continue;
        outer = c->keyword;
        c->keyword = name;
        rc = row->read(c, n, it.value);
        if (rc < 0)
            return rc;
        c->keyword = outer;
    }
    return 0;
}

static int compile_node(struct compiler *c, struct mcp_json v, const struct schema_node **out)
{
    struct schema_node *n;
    bool yes = true;

    for (size_t i = 0; i < c->n_known; i++) {
        if (c->known[i].tok == v.tok) {
            *out = c->known[i].node;
            return 0;
        }
    }
    if (mcp_json_type(v) != MCP_JSON_OBJECT && mcp_json_bool(v, &yes) < 0)
        return bad(c, v, "a schema must be an object, true or false");
    if (c->n_known == NODES_MAX)
        return mcp_error_set(c->err, MCP_ETOOBIG, "schema: more than %d parts", NODES_MAX);
    n = array_of(c, 1, sizeof(*n));
    if (n == NULL)
        return MCP_ENOMEM;
    *n = (struct schema_node){
        .source = v,
        .never = !yes,
        .length.max = SIZE_MAX,
        .items_range.max = SIZE_MAX,
        .contains_range = { 1, SIZE_MAX },
        .members.max = SIZE_MAX,
    };
    c->known[c->n_known++] = (struct known){ v.tok, n };
    *out = n;
    return read_keywords(c, n);
}

int mcp__schema_compile(struct mcp_schema *schema, struct mcp_json root, struct mcp_error *err)
{
    struct compiler c = {
        .arena = schema->arena, .root = root, .err = err, .keyword = MCP_STR("the schema")
    };
    int rc;

    c.known = calloc(NODES_MAX, sizeof(*c.known));
    if (c.known == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for a schema");
    rc = compile_node(&c, root, &schema->root);
    free(c.known);
    return rc;
}
