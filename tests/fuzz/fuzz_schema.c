/* Fuzzes schemas and values at once: {"schema": ..., "value": ...}, or any text as a schema. */
#include <mcp/schema.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct mcp_arena *arena;
    mcp_str text = mcp_str_n((const char *)data, size);
    struct mcp_error err = { 0 };
    struct mcp_schema *schema = NULL;
    struct mcp_json root;

    if (arena == NULL)
        arena = mcp_arena_new(0, 0);
    if (mcp_json_parse(arena, text, NULL, &root, NULL) == 0) {
        mcp_str inner = mcp_json_raw(mcp_json_get(root, MCP_STR("schema")));

        schema = mcp_schema_compile(mcp_str_is_null(inner) ? text : inner, &err);
        MCP_BUG_ON((schema == NULL) != (err.err != MCP_OK));
    }
    if (schema != NULL) {
        struct mcp_json value = mcp_json_get(root, MCP_STR("value"));
        int rc = mcp_schema_check(schema, mcp_json_exists(value) ? value : root, arena, &err);

        MCP_BUG_ON(rc != (int)err.err || (rc != 0 && err.message[0] == '\0'));
        MCP_BUG_ON(!mcp_str_is_utf8(mcp_str_z(err.message)));
    }
    mcp_schema_free(schema);
    mcp_arena_reset(arena);
    return 0;
}
