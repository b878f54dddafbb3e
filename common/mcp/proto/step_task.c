/* The methods of the Tasks extension, and the refusal of clients that do not speak it. */
#include "mcp/proto/step.h"
#include "mcp/proto/task.h"

void mcp__step_needs_tasks(struct mcp_step *s)
{
    mcp__step_fail(s, 400, mcp_err_rpc(MCP_ECAPABILITY),
                   MCP_STR("this needs a client with the extension io.modelcontextprotocol/tasks"),
                   MCP_STR("{\"requiredCapabilities\":{\"extensions\":{"
                           "\"io.modelcontextprotocol/tasks\":{}}}}"));
}

bool mcp__step_has_tasks(const struct mcp_step *s)
{
    return s->out->era == MCP_MODERN && (s->client_caps & MCP_CLIENT_TASKS) != 0;
}

void mcp__step_task(struct mcp_step *s)
{
    struct mcp_json inputs = mcp_json_get(s->rpc.params, MCP_STR("inputResponses"));
    struct mcp_json id = mcp_json_get(s->rpc.params, MCP_STR("taskId"));

    if (!mcp__step_has_tasks(s)) {
        mcp__step_needs_tasks(s);
        return;
    }
    if (mcp_json_str(id, s->call->arena, &s->out->task_id) != 0) {
        mcp__step_invalid(s, MCP_STR("params.taskId must be a string"));
        return;
    }
    if (s->out->method == MCP_METHOD_TASKS_UPDATE && mcp_json_type(inputs) != MCP_JSON_OBJECT) {
        mcp__step_invalid(s, MCP_STR("params.inputResponses must be an object"));
        return;
    }
    s->out->inputs = inputs;
    s->out->id = s->rpc.id;
    s->out->kind = MCP_OUT_TASK;
    s->out->status = 200;
}
