/* Checking a value against a compiled schema. */
#include "json_doc.h"
#include "schema_node.h"

#include <stdlib.h>

#define DEPTH_MAX 200U

/* Passed for a value that a message need not show, and for an element's missing name. */
static const struct mcp_json none;

unsigned mcp__schema_type(struct mcp_json v)
{
    struct mcp_decimal d;

    switch (mcp_json_type(v)) {
    case MCP_JSON_NULL:
        return T_NULL;
    case MCP_JSON_BOOL:
        return T_BOOL;
    case MCP_JSON_STRING:
        return T_STRING;
    case MCP_JSON_ARRAY:
        return T_ARRAY;
    case MCP_JSON_OBJECT:
        return T_OBJECT;
    case MCP_JSON_NUMBER:
        if (mcp_decimal_parse(mcp_json_raw(v), &d) == 0 && mcp_decimal_is_integer(&d))
            return T_INTEGER | T_NUMBER;
        return T_NUMBER;
    case MCP_JSON_MISSING:
    default:
        return 0;
    }
}

const struct schema_prop *mcp__schema_prop(const struct schema_node *node, mcp_str name)
{
    size_t low = 0, high = node->n_props;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const struct schema_prop *prop = &node->props[node->sorted[mid]];
        int order = mcp__schema_name_cmp(name, prop->name);

        if (order == 0)
            return prop;
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

/* Whether v matches, without a message: for branches of which one may fail. */
static int matches(struct schema_check *c, const struct schema_node *node, struct mcp_json v,
                   const struct schema_place *at, bool *yes)
{
    struct mcp_error *err = c->err;
    int rc;

    c->err = NULL;
    rc = mcp__schema_visit(c, node, v, at);
    c->err = err;
    if (rc == MCP_ETOOBIG)
        return rc;
    *yes = rc == 0;
    return 0;
}

static int check_equal(struct schema_check *c, const struct schema_node *n, struct mcp_json v,
                       const struct schema_place *at)
{
    bool equal = true;
    int rc;

    if (mcp_json_exists(n->constant)) {
        mcp_str raw = mcp_json_raw(n->constant), head = mcp_str_head(raw, 60);

        rc = mcp__schema_equal(c, n->constant, v, &equal);
        if (rc < 0)
            return rc;
        if (!equal)
            return mcp__schema_fail(c, n, v, at, "must be %.*s", MCP_STR_ARG(head));
    }
    if (!mcp_json_exists(n->enumeration))
        return 0;
    for (struct mcp_json_iter it = mcp_json_iter(n->enumeration); mcp_json_next(&it);) {
        rc = mcp__schema_equal(c, it.value, v, &equal);
        if (rc < 0 || equal)
            return rc;
    }
    return mcp__schema_fail_enum(c, n, v, at);
}

static int check_number(struct schema_check *c, const struct schema_node *n, struct mcp_json v,
                        const struct schema_place *at)
{
    const struct {
        const struct schema_bound *bound;
        int low, high; /* the order of value to bound that is allowed */
        const char *rule;
    } rules[] = {
        { &n->minimum, 0, 1, "must be at least" },
        { &n->maximum, -1, 0, "must be at most" },
        { &n->above, 1, 1, "must be above" },
        { &n->below, -1, -1, "must be below" },
    };
    struct mcp_decimal d;

    if (mcp_decimal_parse(mcp_json_raw(v), &d) < 0)
        return mcp__schema_fail(c, n, v, at, "must be a number");
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        int order;

        if (mcp_str_is_null(rules[i].bound->raw))
            continue;
        order = mcp_decimal_cmp(&d, &rules[i].bound->value);
        if (order < rules[i].low || order > rules[i].high)
            return mcp__schema_fail(c, n, v, at, "%s %.*s", rules[i].rule,
                                    MCP_STR_ARG(rules[i].bound->raw));
    }
    if (!mcp_str_is_null(n->multiple.raw) && !mcp_decimal_is_multiple(&d, &n->multiple.value))
        return mcp__schema_fail(c, n, v, at, "must be a multiple of %.*s",
                                MCP_STR_ARG(n->multiple.raw));
    return 0;
}

static size_t code_points(mcp_str s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.len; i++)
        n += ((unsigned char)s.ptr[i] & 0xC0) != 0x80;
    return n;
}

static int check_string(struct schema_check *c, const struct schema_node *n, struct mcp_json v,
                        const struct schema_place *at)
{
    mcp_str s;
    int rc;

    if (mcp_json_str(v, c->scratch, &s) < 0 || mcp__schema_spend(c, s.len / 64) < 0)
        return MCP_ETOOBIG;
    if (n->length.min > 0 || n->length.max < s.len) {
        size_t count = code_points(s);

        if (count < n->length.min)
            return mcp__schema_fail(c, n, v, at, "must have at least %zu characters",
                                    n->length.min);
        if (count > n->length.max)
            return mcp__schema_fail(c, n, v, at, "must have at most %zu characters (%zu given)",
                                    n->length.max, count);
    }
    if (n->format != NULL && !n->format->ok(s))
        return mcp__schema_fail(c, n, v, at, "%s", n->format->rule);
    if (n->pattern == NULL)
        return 0;
    rc = mcp__pattern_match(n->pattern, s);
    if (rc == 0)
        return mcp__schema_fail(c, n, v, at, "must match the pattern %.*s",
                                MCP_STR_ARG(mcp_str_head(mcp__pattern_text(n->pattern), 200)));
    return rc < 0 ? rc : 0;
}

static int check_contains(struct schema_check *c, const struct schema_node *n, struct mcp_json v,
                          const struct schema_place *at)
{
    size_t found = 0;

    for (struct mcp_json_iter it = mcp_json_iter(v); mcp_json_next(&it);) {
        struct schema_place inner = { at, none, it.index };
        bool yes;
        int rc = matches(c, n->contains, it.value, &inner, &yes);

        if (rc < 0)
            return rc;
        found += yes;
    }
    if (found < n->contains_range.min || found > n->contains_range.max)
        return mcp__schema_fail(c, n, none, at,
                                "must hold between %zu and %zu items of the kind asked for "
                                "(%zu given)",
                                n->contains_range.min, n->contains_range.max, found);
    return 0;
}

static int check_array(struct schema_check *c, const struct schema_node *n, struct mcp_json v,
                       const struct schema_place *at)
{
    size_t count = mcp_json_count(v);
    struct mcp_json twice = none;
    int rc = 0;

    if (count < n->items_range.min)
        return mcp__schema_fail(c, n, none, at, "must have at least %zu item%s (%zu given)",
                                n->items_range.min, n->items_range.min == 1 ? "" : "s", count);
    if (count > n->items_range.max)
        return mcp__schema_fail(c, n, none, at, "must have at most %zu item%s (%zu given)",
                                n->items_range.max, n->items_range.max == 1 ? "" : "s", count);
    if (n->items != NULL || n->prefix.n > 0) {
        for (struct mcp_json_iter it = mcp_json_iter(v); rc == 0 && mcp_json_next(&it);) {
            struct schema_place inner = { at, none, it.index };

            if (it.index < n->prefix.n)
                rc = mcp__schema_visit(c, n->prefix.nodes[it.index], it.value, &inner);
            else if (n->items != NULL)
                rc = mcp__schema_visit(c, n->items, it.value, &inner);
        }
    }
    if (rc == 0 && n->unique)
        rc = mcp__schema_find_twice(c, v, &twice);
    if (rc == 0 && mcp_json_exists(twice)) {
        mcp_str head = mcp_str_head(mcp_json_raw(twice), 60);

        return mcp__schema_fail(c, n, none, at,
                                "must name each item once (%.*s stands there twice)",
                                MCP_STR_ARG(head));
    }
    if (rc == 0 && n->contains != NULL)
        rc = check_contains(c, n, v, at);
    return rc;
}

/* One member: its own schema, those of the patterns its name matches, else the additional one. */
static int check_member(struct schema_check *c, const struct schema_node *n,
                        const struct mcp_json_iter *it, const struct schema_place *at)
{
    struct schema_place inner = { at, it->key, 0 };
    const struct schema_prop *prop;
    bool known = false;
    mcp_str name;
    int rc = 0;

    if (mcp_json_str(it->key, c->scratch, &name) < 0)
        return MCP_ETOOBIG;
    prop = mcp__schema_prop(n, name);
    if (prop != NULL) {
        known = true;
        rc = mcp__schema_visit(c, prop->node, it->value, &inner);
    }
    for (size_t i = 0; rc == 0 && i < n->n_pattern_props; i++) {
        int found = mcp__pattern_match(n->pattern_props[i].pattern, name);

        if (found < 0)
            return found;
        if (found > 0) {
            known = true;
            rc = mcp__schema_visit(c, n->pattern_props[i].node, it->value, &inner);
        }
    }
    if (rc == 0 && n->names != NULL)
        rc = mcp__schema_visit(c, n->names, it->key, &inner);
    if (rc < 0 || known || n->additional == NULL)
        return rc;
    if (n->additional->never)
        return mcp__schema_fail_unknown(c, n, it->key, at);
    return mcp__schema_visit(c, n->additional, it->value, &inner);
}

static int check_required(struct schema_check *c, const struct schema_node *n, struct mcp_json v,
                          const mcp_str *names, size_t n_names, const struct schema_place *at)
{
    for (size_t i = 0; i < n_names; i++) {
        if (mcp__schema_spend(c, mcp_json_count(v) / 8) < 0)
            return MCP_ETOOBIG;
        if (!mcp_json_exists(mcp_json_get(v, names[i])))
            return mcp__schema_fail_missing(c, n, names[i], at);
    }
    return 0;
}

static int check_dependents(struct schema_check *c, const struct schema_node *n, struct mcp_json v,
                            const struct schema_place *at)
{
    for (size_t i = 0; i < n->n_dependents; i++) {
        const struct schema_dependent *d = &n->dependents[i];
        int rc;

        if (mcp__schema_spend(c, mcp_json_count(v) / 8) < 0)
            return MCP_ETOOBIG;
        if (!mcp_json_exists(mcp_json_get(v, d->name)))
            continue;
        rc = check_required(c, n, v, d->required, d->n_required, at);
        if (rc == 0 && d->node != NULL)
            rc = mcp__schema_visit(c, d->node, v, at);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int check_object(struct schema_check *c, const struct schema_node *n, struct mcp_json v,
                        const struct schema_place *at)
{
    size_t count = mcp_json_count(v);
    struct mcp_json twice = none;
    int rc = mcp__schema_spend(c, count);

    if (rc < 0)
        return rc;
    if (!c->distinct)
        twice = mcp_json_duplicate(v);
    if (mcp_json_exists(twice)) {
        struct schema_place inner = { at, twice, 0 };

        return mcp__schema_fail(c, n, none, &inner, "must not be given twice");
    }
    if (n->props != NULL || n->n_pattern_props > 0 || n->additional != NULL || n->names != NULL) {
        for (struct mcp_json_iter it = mcp_json_iter(v); mcp_json_next(&it);) {
            rc = check_member(c, n, &it, at);
            if (rc < 0)
                return rc;
        }
    }
    rc = check_required(c, n, v, n->required, n->n_required, at);
    if (rc == 0)
        rc = check_dependents(c, n, v, at);
    if (rc < 0)
        return rc;
    if (count < n->members.min)
        return mcp__schema_fail(c, n, none, at, "must have at least %zu member%s (%zu given)",
                                n->members.min, n->members.min == 1 ? "" : "s", count);
    if (count > n->members.max)
        return mcp__schema_fail(c, n, none, at, "must have at most %zu member%s (%zu given)",
                                n->members.max, n->members.max == 1 ? "" : "s", count);
    return 0;
}

/* How many of the forms match, counting no further than stop. */
static int count_forms(struct schema_check *c, const struct schema_list *forms, struct mcp_json v,
                       const struct schema_place *at, size_t stop, size_t *found)
{
    *found = 0;
    for (size_t i = 0; i < forms->n && *found < stop; i++) {
        bool yes;
        int rc = matches(c, forms->nodes[i], v, at, &yes);

        if (rc < 0)
            return rc;
        *found += yes;
    }
    return 0;
}

static int check_forms(struct schema_check *c, const struct schema_node *n, struct mcp_json v,
                       const struct schema_place *at)
{
    size_t found;
    int rc;

    if (n->any.n > 0) {
        rc = count_forms(c, &n->any, v, at, 1, &found);
        if (rc < 0)
            return rc;
        if (found == 0)
            return mcp__schema_fail_forms(c, &n->any, v, at);
    }
    if (n->one.n > 0) {
        rc = count_forms(c, &n->one, v, at, 2, &found);
        if (rc < 0)
            return rc;
        if (found == 0)
            return mcp__schema_fail_forms(c, &n->one, v, at);
        if (found == 2)
            return mcp__schema_fail(c, n, v, at, "must have exactly one of its allowed forms");
    }
    return 0;
}

static int check_combined(struct schema_check *c, const struct schema_node *n, struct mcp_json v,
                          const struct schema_place *at)
{
    const struct schema_node *branch;
    bool yes;
    int rc = 0;

    if (n->ref != NULL)
        rc = mcp__schema_visit(c, n->ref, v, at);
    for (size_t i = 0; rc == 0 && i < n->all.n; i++)
        rc = mcp__schema_visit(c, n->all.nodes[i], v, at);
    if (rc == 0)
        rc = check_forms(c, n, v, at);
    if (rc == 0 && n->negated != NULL) {
        rc = matches(c, n->negated, v, at, &yes);
        if (rc == 0 && yes)
            return mcp__schema_fail(c, n, v, at, "must not have this form");
    }
    if (rc < 0 || n->condition == NULL)
        return rc;
    rc = matches(c, n->condition, v, at, &yes);
    if (rc < 0)
        return rc;
    branch = yes ? n->then_node : n->else_node;
    return branch == NULL ? 0 : mcp__schema_visit(c, branch, v, at);
}

static int check_parts(struct schema_check *c, const struct schema_node *n, struct mcp_json v,
                       unsigned type, const struct schema_place *at)
{
    unsigned parts = n->parts & (type | PART_COMBINED | PART_EQUAL);
    int rc = 0;

    if ((parts & PART_EQUAL) != 0)
        rc = check_equal(c, n, v, at);
    if (rc == 0 && (parts & T_STRING) != 0)
        rc = check_string(c, n, v, at);
    if (rc == 0 && (parts & T_NUMBER) != 0)
        rc = check_number(c, n, v, at);
    if (rc == 0 && (parts & T_ARRAY) != 0)
        rc = check_array(c, n, v, at);
    if (rc == 0 && (parts & T_OBJECT) != 0)
        rc = check_object(c, n, v, at);
    if (rc == 0 && (parts & PART_COMBINED) != 0)
        rc = check_combined(c, n, v, at);
    return rc;
}

int mcp__schema_visit(struct schema_check *c, const struct schema_node *n, struct mcp_json v,
                      const struct schema_place *at)
{
    unsigned type;
    int rc;

    if (n->never)
        return mcp__schema_fail(c, n, none, at, "must not be given");
    if (mcp__schema_spend(c, 1) < 0 || c->depth >= DEPTH_MAX)
        return MCP_ETOOBIG;
    type = mcp__schema_type(v);
    if (n->types != 0 && (n->types & type) == 0)
        return mcp__schema_fail_type(c, n, v, at);
    if (n->parts == 0)
        return 0;
    c->depth++;
    rc = check_parts(c, n, v, type, at);
    c->depth--;
    return rc;
}
