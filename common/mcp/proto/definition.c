/* How tools, resources and prompts are printed in lists, as each revision wants them. */
#include "mcp/proto/definition.h"

static void put_annotations(struct mcp_jsonw *w, const struct mcp_tool *tool)
{
    bool readonly = (tool->flags & MCP_TOOL_READONLY) != 0;

    mcp_jsonw_kobject(w, "annotations");
    mcp_jsonw_kbool(w, "readOnlyHint", readonly);
    if (!readonly) {
        mcp_jsonw_kbool(w, "destructiveHint", (tool->flags & MCP_TOOL_DESTRUCTIVE) != 0);
        mcp_jsonw_kbool(w, "idempotentHint", (tool->flags & MCP_TOOL_IDEMPOTENT) != 0);
    }
    mcp_jsonw_kbool(w, "openWorldHint", (tool->flags & MCP_TOOL_OPEN_WORLD) != 0);
    mcp_jsonw_end(w);
}

/* The same for every client: hosts without views pass it over. */
static void put_ui(struct mcp_jsonw *w, const struct mcp_tool *tool)
{
    mcp_jsonw_kobject(w, "_meta");
    mcp_jsonw_kobject(w, "ui");
    mcp_jsonw_kz(w, "resourceUri", tool->ui);
    if ((tool->flags & MCP_TOOL_UI_ONLY) != 0) {
        mcp_jsonw_karray(w, "visibility");
        mcp_jsonw_str(w, MCP_STR("app"));
        mcp_jsonw_end(w);
    }
    mcp_jsonw_end(w);
    mcp_jsonw_end(w);
}

void mcp__definition_tool(struct mcp_jsonw *w, const struct mcp_tool *tool, enum mcp_revision rev)
{
    mcp_jsonw_object(w);
    mcp_jsonw_kz(w, "name", tool->name);
    if (tool->title != NULL && mcp__revision_has(rev, MCP_HAS_TITLE))
        mcp_jsonw_kz(w, "title", tool->title);
    mcp_jsonw_kz(w, "description", tool->description);
    mcp_jsonw_kraw(w, "inputSchema", mcp_str_n(tool->in->text, tool->in->len));
    if (tool->out != NULL && mcp__revision_has(rev, MCP_HAS_STRUCTURED))
        mcp_jsonw_kraw(w, "outputSchema", mcp_str_n(tool->out->text, tool->out->len));
    if (mcp__revision_has(rev, MCP_HAS_ANNOTATIONS))
        put_annotations(w, tool);
    if (tool->ui != NULL && mcp__revision_has(rev, MCP_HAS_TITLE))
        put_ui(w, tool);
    mcp_jsonw_end(w);
}

static void put_text(struct mcp_jsonw *w, const char *key, const char *text)
{
    if (text != NULL)
        mcp_jsonw_kz(w, key, text);
}

static void put_title(struct mcp_jsonw *w, const char *title, enum mcp_revision rev)
{
    if (mcp__revision_has(rev, MCP_HAS_TITLE))
        put_text(w, "title", title);
}

void mcp__definition_resource(struct mcp_jsonw *w, const struct mcp_resource *resource,
                              enum mcp_revision rev)
{
    mcp_jsonw_object(w);
    put_text(w, "uri", resource->uri);
    put_text(w, "uriTemplate", resource->uri_template);
    mcp_jsonw_kz(w, "name", resource->name);
    put_title(w, resource->title, rev);
    put_text(w, "description", resource->description);
    put_text(w, "mimeType", resource->mime_type);
    mcp_jsonw_end(w);
}

void mcp__definition_prompt(struct mcp_jsonw *w, const struct mcp_prompt *prompt,
                            enum mcp_revision rev)
{
    mcp_jsonw_object(w);
    mcp_jsonw_kz(w, "name", prompt->name);
    put_title(w, prompt->title, rev);
    put_text(w, "description", prompt->description);
    if (prompt->n_args > 0)
        mcp_jsonw_karray(w, "arguments");
    for (size_t i = 0; i < prompt->n_args; i++) {
        const struct mcp_prompt_arg *arg = &prompt->args[i];

        mcp_jsonw_object(w);
        mcp_jsonw_kz(w, "name", arg->name);
        put_title(w, arg->title, rev);
        put_text(w, "description", arg->description);
        mcp_jsonw_kbool(w, "required", arg->required);
        mcp_jsonw_end(w);
    }
    if (prompt->n_args > 0)
        mcp_jsonw_end(w);
    mcp_jsonw_end(w);
}
