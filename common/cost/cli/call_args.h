/* Flags of `call TOOL` turned into the tool's arguments, by the types its schema gives them. */
#ifndef COST_CLI_CALL_ARGS_H
#define COST_CLI_CALL_ARGS_H

#include <cost/tools.h>
#include <mcp/buf.h>

/* The row of a tool by its name, or NULL. */
const struct mcp_tool *cost__call_tool(const char *name);
/* The flags of `call TOOL` that name arguments of the tool (--group-by service, --filter KEY=VALUE,
 * --start-date ...) as one JSON object, merged over --args; the flags that do not are left in
 * argv for the option tables, their number in *argc. */
int cost__call_args(const struct mcp_tool *tool, int *argc, char **argv, struct mcp_arena *arena,
                    struct mcp_buf *json, struct mcp_error *err);
/* For a flag that is neither an option nor an argument: names the nearest argument. Leaves err alone
 * when none is near. */
int cost__call_unknown_flag(const struct mcp_tool *tool, mcp_str word, struct mcp_arena *arena,
                            struct mcp_error *err);

#endif
