/* The benchmark's tool on libmcp, as the peers have it: eighteen rows written anew for every call. */
#include <mcp/app.h>
#include <mcp/json_writer.h>

#define ROWS 18

/* i as the two digits that end `behind` bytes before the end of text. */
static mcp_str numbered(char *text, size_t len, size_t behind, int i)
{
    text[len - behind - 2] = (char)('0' + i / 10);
    text[len - behind - 1] = (char)('0' + i % 10);
    return mcp_str_n(text, len);
}

#define NUMBERED(text, behind, i) numbered(text, sizeof(text) - 1, behind, i)

static int get_costs(struct mcp_call *call, struct mcp_error *err)
{
    char service[] = "Compute instances 00", region[] = "europe-west-00";
    char cost[] = "1200.25", credits[] = "-00.5";
    struct mcp_jsonw w;

    (void)err;
    mcp_jsonw_init(&w, mcp_result_structured(call));
    mcp_jsonw_object(&w);
    mcp_jsonw_kstr(&w, "period",
                   mcp_json_get_str(mcp_call_args(call), MCP_STR("period"), mcp_call_arena(call)));
    mcp_jsonw_karray(&w, "rows");
    for (int i = 0; i < ROWS; i++) {
        mcp_str service_i = NUMBERED(service, 0, i), region_i = NUMBERED(region, 0, i);
        mcp_str cost_i = NUMBERED(cost, 3, 34 + i), credits_i = NUMBERED(credits, 2, 12 + i);

        mcp_jsonw_object(&w);
        mcp_jsonw_kstr(&w, "service", service_i);
        mcp_jsonw_kstr(&w, "region", region_i);
        mcp_jsonw_kraw(&w, "cost", cost_i);
        mcp_jsonw_kraw(&w, "credits", credits_i);
        mcp_jsonw_kint(&w, "usage", 1000 + i);
        mcp_jsonw_kz(&w, "currency", "EUR");
        mcp_jsonw_end(&w);
    }
    mcp_jsonw_end(&w);
    mcp_jsonw_end(&w);
    return 0;
}

static const struct mcp_tool tools[] = { {
    .name = "get_costs",
    .description = "What was spent, by service",
    .in = MCP_SCHEMA({
        "type" : "object",
        "properties" : {
            "period" : { "type" : "string" },
            "group_by" : { "type" : "array", "items" : { "type" : "string" } }
        },
        "required" : [ "period", "group_by" ]
    }),
    .out = MCP_SCHEMA({
        "type" : "object",
        "properties" : { "period" : { "type" : "string" }, "rows" : { "type" : "array" } },
        "required" : [ "period", "rows" ]
    }),
    .flags = MCP_TOOL_TEXT_JSON,
    .run = get_costs,
    .fast = get_costs,
} };

static const struct mcp_app_spec spec = {
    .name = "bench-server",
    .title = "Benchmark",
    .version = "0.1.0",
    .description = "The tool that the peers have.",
    .tools = tools,
    .n_tools = sizeof(tools) / sizeof(tools[0]),
};

int main(int argc, char **argv)
{
    return mcp_app_main(&spec, NULL, argc, argv);
}
