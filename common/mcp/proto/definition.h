/* How tools, resources and prompts are printed in lists, as each revision wants them. */
#ifndef MCP_PROTO_DEFINITION_H
#define MCP_PROTO_DEFINITION_H

#include "mcp/proto/era.h"

#include <mcp/json_writer.h>
#include <mcp/prompt.h>
#include <mcp/resource.h>
#include <mcp/tool.h>

void mcp__definition_tool(struct mcp_jsonw *w, const struct mcp_tool *tool, enum mcp_revision rev);
/* A resource or a template, by what the row is. */
void mcp__definition_resource(struct mcp_jsonw *w, const struct mcp_resource *resource,
                              enum mcp_revision rev);
void mcp__definition_prompt(struct mcp_jsonw *w, const struct mcp_prompt *prompt,
                            enum mcp_revision rev);

#endif
