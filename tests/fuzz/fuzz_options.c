/* Configuration files: whatever the bytes, the reader ends with values or with a line number. */
#include "mcp/server/options_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mcp_app_config config = { .text = 0 };
    struct mcp_opt_table table = { mcp_app_opts, mcp_n_app_opts, &config };
    static struct mcp_arena *arena;
    enum mcp_opt_source sources[64] = { MCP_OPT_DEFAULT };
    struct mcp_options options = { .tables = &table, .n_tables = 1, .sources = sources };
    struct mcp_error err = { .err = MCP_OK };
    struct mcp_buf out;

    if (arena == NULL)
        arena = mcp_arena_new(0, 0);
    MCP_BUG_ON(arena == NULL || mcp_n_app_opts > sizeof(sources) / sizeof(sources[0]));
    mcp_buf_init(&out, 1 << 22);
    if (mcp__options_read_yaml(&options, MCP_STR("f"), mcp_str_n((const char *)data, size), arena,
                               &err) < 0)
        MCP_BUG_ON(err.err == MCP_OK || strncmp(err.message, "f:", 2) != 0);
    else
        mcp_options_print(&options, &out);
    mcp_buf_release(&out);
    mcp_arena_reset(arena);
    return 0;
}
