/* JSON Schema 2020-12: what a schema is from its text to its end, and the way into a check. */
#include <mcp/schema.h>

#include "schema_node.h"

#define ARENA_FIRST_BYTES ((size_t)4 << 10)
#define WORK_MAX ((size_t)500000) /* some milliseconds */

struct mcp_schema *mcp_schema_compile(mcp_str text, struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_arena_new(ARENA_FIRST_BYTES, 0);
    struct mcp_schema *schema;
    struct mcp_json root;

    if (arena == NULL) {
        mcp_error_set(err, MCP_ENOMEM, "no memory for a schema");
        return NULL;
    }
    schema = MCP_ARENA_NEW(arena, struct mcp_schema);
    schema->arena = arena;
    if (mcp_json_scan(text, NULL, NULL, err) < 0 ||
        mcp_json_parse(arena, mcp_arena_str(arena, text), NULL, &root, err) < 0 ||
        mcp__schema_compile(schema, root, err) < 0) {
        mcp_arena_free(arena);
        return NULL;
    }
    return schema;
}

void mcp_schema_free(struct mcp_schema *schema)
{
    if (schema != NULL)
        mcp_arena_free(schema->arena);
}

static int check(const struct mcp_schema *schema, struct mcp_json value, bool distinct,
                 struct mcp_arena *scratch, struct mcp_error *err)
{
    struct schema_check c = {
        .scratch = scratch, .err = err, .work = WORK_MAX, .distinct = distinct
    };
    int rc = mcp__schema_visit(&c, schema->root, value, NULL);

    if (rc == MCP_ETOOBIG)
        return mcp_error_set(err, MCP_ETOOBIG, "the arguments are too large or too deep to check");
    return rc;
}

int mcp_schema_check(const struct mcp_schema *schema, struct mcp_json value,
                     struct mcp_arena *scratch, struct mcp_error *err)
{
    return check(schema, value, false, scratch, err);
}

int mcp__schema_check_distinct(const struct mcp_schema *schema, struct mcp_json value,
                               struct mcp_arena *scratch, struct mcp_error *err)
{
    return check(schema, value, true, scratch, err);
}
