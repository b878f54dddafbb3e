/* A compiled schema: nodes that schema_compile.c makes and schema_check.c walks. */
#ifndef MCP_PROTO_SCHEMA_NODE_H
#define MCP_PROTO_SCHEMA_NODE_H

#include <mcp/decimal.h>
#include <mcp/schema.h>

struct mcp__pattern;

/* Bits of node.types, and of node.parts for the kinds that have rules of their own. */
enum {
    T_NULL = 1 << 0,
    T_BOOL = 1 << 1,
    T_INTEGER = 1 << 2,
    T_NUMBER = 1 << 3, /* integers included */
    T_STRING = 1 << 4,
    T_ARRAY = 1 << 5,
    T_OBJECT = 1 << 6,
    PART_COMBINED = 1 << 7, /* $ref, allOf, anyOf, oneOf, not, if */
    PART_EQUAL = 1 << 8, /* enum, const */
};

struct schema_format {
    const char *name;
    const char *rule; /* for messages */
    bool (*ok)(mcp_str s);
};

/* All pointers are borrowed from the schema's arena. */
struct schema_list {
    const struct schema_node **nodes;
    size_t n;
};

struct schema_bound {
    mcp_str raw; /* missing: no bound */
    struct mcp_decimal value;
};

/* SIZE_MAX in max: no limit. */
struct schema_range {
    size_t min, max;
};

struct schema_prop {
    mcp_str name; /* unescaped */
    const struct schema_node *node;
};

struct schema_pattern_prop {
    struct mcp__pattern *pattern;
    const struct schema_node *node;
};

/* When the member is there: these must be too, and the object must match. */
struct schema_dependent {
    mcp_str name;
    mcp_str *required;
    size_t n_required;
    const struct schema_node *node; /* or NULL */
};

struct schema_node {
    struct mcp_json source; /* the schema object, for examples, default and title */
    bool never; /* the schema "false" */
    unsigned types; /* 0: any */
    unsigned parts; /* which groups of rules below are in use */

    struct mcp_json enumeration; /* array, or missing */
    struct mcp_json constant; /* or missing */

    struct schema_bound minimum, maximum, above, below, multiple;

    struct schema_range length;
    struct mcp__pattern *pattern;
    const struct schema_format *format; /* static; NULL: none that is asserted */

    struct schema_range items_range, contains_range;
    struct schema_list prefix;
    const struct schema_node *items, *contains;
    bool unique;

    struct schema_range members;
    struct schema_prop *props; /* as declared */
    uint32_t *sorted; /* indexes of props, by mcp__schema_name_cmp */
    size_t n_props;
    struct schema_pattern_prop *pattern_props;
    size_t n_pattern_props;
    const struct schema_node *additional, *names;
    mcp_str *required;
    size_t n_required;
    struct schema_dependent *dependents;
    size_t n_dependents;

    const struct schema_node *ref, *negated, *condition, *then_node, *else_node;
    struct schema_list all, any, one;
};

struct mcp_schema {
    struct mcp_arena *arena; /* owned: everything of the schema, this struct too */
    const struct schema_node *root;
};

/* Where in the value a check stands: a chain on the stack, from the inside out. */
struct schema_place {
    const struct schema_place *up;
    struct mcp_json key; /* a member's name; missing: an element */
    size_t index;
};

/* The order of node.sorted: by length, as that settles most comparisons, then by bytes. */
static inline int mcp__schema_name_cmp(mcp_str a, mcp_str b)
{
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return a.len == 0 ? 0 : memcmp(a.ptr, b.ptr, a.len);
}

struct schema_check {
    struct mcp_arena *scratch; /* borrowed */
    struct mcp_error *err; /* borrowed; NULL while a failure would only be one branch's */
    size_t work; /* steps left */
    unsigned depth;
    bool distinct; /* no object of the value has a name twice: that was seen to */
};

/* As mcp_schema_check, for a value that mcp__json_duplicate_below has passed. */
int mcp__schema_check_distinct(const struct mcp_schema *schema, struct mcp_json value,
                               struct mcp_arena *scratch, struct mcp_error *err);

/* Takes steps from what is left: 0 or MCP_ETOOBIG. */
int mcp__schema_spend(struct schema_check *c, size_t steps);
/* The place of name among the declared members, or NULL. */
const struct schema_prop *mcp__schema_prop(const struct schema_node *node, mcp_str name);

int mcp__schema_compile(struct mcp_schema *schema, struct mcp_json root, struct mcp_error *err);
/* 0, MCP_EINVAL or MCP_ETOOBIG; c->err is set on MCP_EINVAL only. */
int mcp__schema_visit(struct schema_check *c, const struct schema_node *node, struct mcp_json v,
                      const struct schema_place *at);
/* The bit of the value's type; an integral number has T_INTEGER and T_NUMBER. */
unsigned mcp__schema_type(struct mcp_json v);

/* *equal: numbers by value, strings unescaped, members in any order. 0 or MCP_ETOOBIG. */
int mcp__schema_equal(struct schema_check *c, struct mcp_json a, struct mcp_json b, bool *equal);
/* *twice: the first element that equals an earlier one, or missing. 0 or MCP_ETOOBIG. */
int mcp__schema_find_twice(struct schema_check *c, struct mcp_json array, struct mcp_json *twice);
/* schema_format.c; NULL: only an annotation. */
const struct schema_format *mcp__schema_format(struct mcp_json name);

/* The expression in ECMA-262's reading, freed with the arena; NULL with err. */
struct mcp__pattern *mcp__pattern_new(struct mcp_arena *arena, mcp_str expression,
                                      struct mcp_error *err);
mcp_str mcp__pattern_text(const struct mcp__pattern *pattern);
/* 1 found, 0 not found, MCP_ETOOBIG when it takes too long. s is UTF-8. Any thread. */
int mcp__pattern_match(struct mcp__pattern *pattern, mcp_str s);

/* All return MCP_EINVAL; they write c->err unless it is NULL. */
/* "<path> <rule>, not <value>; for example <good value>" */
int mcp__schema_fail(struct schema_check *c, const struct schema_node *node, struct mcp_json v,
                     const struct schema_place *at, const char *rule, ...)
    __attribute__((format(printf, 5, 6)));
int mcp__schema_fail_type(struct schema_check *c, const struct schema_node *node, struct mcp_json v,
                          const struct schema_place *at);
int mcp__schema_fail_enum(struct schema_check *c, const struct schema_node *node, struct mcp_json v,
                          const struct schema_place *at);
int mcp__schema_fail_unknown(struct schema_check *c, const struct schema_node *node,
                             struct mcp_json key, const struct schema_place *at);
int mcp__schema_fail_missing(struct schema_check *c, const struct schema_node *node, mcp_str name,
                             const struct schema_place *at);
int mcp__schema_fail_forms(struct schema_check *c, const struct schema_list *forms,
                           struct mcp_json v, const struct schema_place *at);

#endif
