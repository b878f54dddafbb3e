/* The methods of tasks on the ladder: for whom they exist, and what their params must hold. */
#include "tools.h"

#include "mcp/proto/dispatch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define EXTENSION "{\"extensions\":{\"io.modelcontextprotocol/tasks\":{}}}"

static struct mcp_registry *registry, *without;

struct row {
    const char *claim;
    const char *method, *params, *capabilities;
    bool offered;
    int status;
    enum mcp_outcome_kind kind;
    const char *part;
};

static const struct row rows[] = {
    { "a task can be asked for", "tasks/get", "\"taskId\":\"t\"", EXTENSION, true, 200,
      MCP_OUT_TASK, NULL },
    { "a task can be cancelled", "tasks/cancel", "\"taskId\":\"t\"", EXTENSION, true, 200,
      MCP_OUT_TASK, NULL },
    { "a task can be answered", "tasks/update", "\"taskId\":\"t\",\"inputResponses\":{}", EXTENSION,
      true, 200, MCP_OUT_TASK, NULL },
    { "a client must declare the extension with each request", "tasks/get", "\"taskId\":\"t\"",
      "{}", true, 400, MCP_OUT_REPLY,
      "\"code\":-32021,\"message\":\"this needs a client with the extension "
      "io.modelcontextprotocol/tasks\",\"data\":{\"requiredCapabilities\":{\"extensions\":{"
      "\"io.modelcontextprotocol/tasks\":{}}}}" },
    { "the extension is an object", "tasks/get", "\"taskId\":\"t\"",
      "{\"extensions\":{\"io.modelcontextprotocol/tasks\":true}}", true, 400, MCP_OUT_REPLY,
      "-32021" },
    { "the id is a string", "tasks/get", "\"taskId\":1", EXTENSION, true, 200, MCP_OUT_REPLY,
      "-32602" },
    { "the answers are an object", "tasks/update", "\"taskId\":\"t\",\"inputResponses\":[]",
      EXTENSION, true, 200, MCP_OUT_REPLY, "-32602" },
    { "there is no list of tasks", "tasks/list", "", EXTENSION, true, 404, MCP_OUT_REPLY,
      "-32601" },
    { "a server without such tools does not know the method", "tasks/get", "\"taskId\":\"t\"",
      EXTENSION, false, 404, MCP_OUT_REPLY, "-32601" },
    { "a tool that is always a task needs the extension", "tools/call", "\"name\":\"job\"", "{}",
      true, 400, MCP_OUT_REPLY, "-32021" },
    { "with it the call may be one", "tools/call", "\"name\":\"job\"", EXTENSION, true, 200,
      MCP_OUT_CALL, NULL },
};

static void run_row(const struct row *row)
{
    struct mcp_dispatch d = { .registry = row->offered ? registry : without,
                              .deadline_ms = 20000,
                              .max_batch = 4 };
    struct mcp_call *call = mcp__call_new(mcp_arena_new(0, 0));
    struct mcp_era_pin pin = { 0 };
    struct mcp_inbound in = { .pin = &pin, .principal = MCP_STR("") };
    struct mcp_outcome out;
    struct mcp_json root;
    struct mcp_buf reply;
    char body[1024];

    mcp_buf_init(&reply, 1 << 20);
    snprintf(body, sizeof(body),
             "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":{%s%s\"_meta\":{"
             "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
             "\"io.modelcontextprotocol/clientCapabilities\":%s}}}",
             row->method, row->params, row->params[0] == '\0' ? "" : ",", row->capabilities);
    assert_int_equal(mcp__dispatch_parse(&d, call, mcp_str_z(body), &root, &reply, &out), 0);
    mcp__dispatch(&d, &in, root, call, &reply, &out);
    mcp_buf_char(&reply, '\0');
    if (out.status != row->status || out.kind != row->kind ||
        (row->part != NULL && strstr(reply.ptr, row->part) == NULL))
        fail_msg("%s: status %d, kind %d, %s", row->claim, out.status, (int)out.kind, reply.ptr);
    if (out.kind == MCP_OUT_CALL)
        assert_true(call->may_be_task);
    mcp_buf_release(&reply);
    mcp__call_unref(call);
}

static void each_request_gets_its_answer(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        run_row(&rows[i]);
}

static bool has(mcp_str text, const char *part)
{
    return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

static void only_a_modern_server_with_such_tools_offers_the_extension(void **state)
{
    static const char extension[] = "\"extensions\":{\"io.modelcontextprotocol/tasks\":{}}";

    (void)state;
    assert_true(has(registry->discover, extension));
    assert_false(has(without->discover, extension));
    for (int i = 0; i < MCP_REV_MODERN; i++)
        assert_false(has(registry->initialize[i], "tasks"));
}

static int run_job(struct mcp_call *call, struct mcp_error *err)
{
    (void)call;
    (void)err;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_request_gets_its_answer),
        cmocka_unit_test(only_a_modern_server_with_such_tools_offers_the_extension),
    };
    const struct mcp_tool job = { .name = "job",
                                  .description = "Takes long",
                                  .in = &test_in_any,
                                  .flags = MCP_TOOL_TASK_ONLY,
                                  .run = run_job };
    int failed;

    registry = test_registry_of(&job, 1);
    without = test_registry_of(test_pure_tools, n_test_pure_tools);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    mcp__registry_free(registry);
    mcp__registry_free(without);
    return failed;
}
