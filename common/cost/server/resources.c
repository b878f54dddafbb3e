/* Resources of every server: the schemas, the dimensions with their values, and how fresh data is. */
#include <cost/tools.h>

#include <cost/writer.h>
#include <mcp/json_writer.h>

#include <schemas.h>

#define MAX_BYTES (256 * 1024)
#define MAX_VALUES 50
#define SCHEMA_TTL_MS (24 * 60 * 60 * 1000)
#define DATA_TTL_MS (60 * 1000)

/* "schema://get_costs.in" is the input schema of get_costs. */
static int read_schema(struct mcp_call *call, struct mcp_error *err)
{
    mcp_str name = mcp_call_uri(call);

    mcp_str_cut_prefix(&name, MCP_STR("schema://"));
    for (size_t i = 0; i < cost_n_tool_rows; i++) {
        const struct mcp_schema_text *both[] = { cost_tool_rows[i].in, cost_tool_rows[i].out };

        for (size_t k = 0; k < 2; k++) {
            if (!mcp_str_eq(name, mcp_str_z(both[k]->name)))
                continue;
            mcp_contents_text(call, MCP_STR_NULL, MCP_STR_NULL,
                              mcp_str_n(both[k]->text, both[k]->len));
            return 0;
        }
    }
    return mcp_error_set(err, MCP_ENOTFOUND, "there is no schema of that name");
}

static int put_values(struct mcp_call *call, enum cost_dim dim, struct mcp_jsonw *w,
                      struct mcp_error *err)
{
    const struct cost_tools *tools = mcp_call_user(call);
    const mcp_str *values;
    size_t n = 0;
    int rc = tools->source.values(tools->source.ctx, call, dim, &values, &n, err);

    if (rc < 0)
        return rc;
    mcp_jsonw_kz(w, "name", dim == COST_DIM_TAG ? "tag:KEY" : cost_dim_name(dim));
    mcp_jsonw_karray(w, dim == COST_DIM_TAG ? "keys" : "values");
    for (size_t i = 0; i < n && i < MAX_VALUES; i++)
        mcp_jsonw_str(w, values[i]);
    mcp_jsonw_end(w);
    mcp_jsonw_kint(w, "total", (int64_t)n);
    return 0;
}

static int read_dimensions(struct mcp_call *call, struct mcp_error *err)
{
    const struct cost_tools *tools = mcp_call_user(call);
    struct mcp_jsonw w;
    struct mcp_buf json;
    int rc = 0;

    if (tools->source.values == NULL)
        return mcp_error_set(err, MCP_ENOTFOUND, "this source does not list its dimensions");
    mcp_buf_init(&json, MAX_BYTES);
    mcp_jsonw_init(&w, &json);
    mcp_jsonw_object(&w);
    mcp_jsonw_karray(&w, "dimensions");
    for (int dim = COST_DIM_NONE + 1; rc == 0 && dim < COST_N_DIMS; dim++) {
        mcp_jsonw_object(&w);
        rc = put_values(call, (enum cost_dim)dim, &w, err);
        if (rc == 0)
            mcp_jsonw_end(&w);
    }
    if (rc == 0) {
        mcp_jsonw_end(&w);
        mcp_jsonw_end(&w);
        rc = mcp_buf_error(&json);
        mcp_contents_text(call, MCP_STR_NULL, MCP_STR_NULL, mcp_buf_view(&json));
    }
    mcp_buf_release(&json);
    return rc;
}

/* The freshness of get_costs {}, by the same path and in the same words. */
static int read_freshness(struct mcp_call *call, struct mcp_error *err)
{
    const struct cost_tools *tools = mcp_call_user(call);
    struct mcp_arena *arena = mcp_call_arena(call);
    struct cost_query query;
    struct cost_result result;
    struct mcp_json args, root;
    struct mcp_buf json;
    int rc = mcp_json_parse(arena, MCP_STR("{\"limit\":1}"), NULL, &args, err);

    mcp_buf_init(&json, MAX_BYTES);
    if (rc == 0)
        rc = cost_query_parse(COST_GET_COSTS, args, arena, &query, err);
    if (rc == 0)
        rc = tools->source.costs(tools->source.ctx, call, &query, &result, err);
    if (rc == 0)
        rc = cost_write_costs(&result, &json, NULL, err);
    if (rc == 0)
        rc = mcp_json_parse(arena, mcp_buf_view(&json), NULL, &root, err);
    if (rc == 0)
        mcp_contents_text(call, MCP_STR_NULL, MCP_STR_NULL,
                          mcp_json_raw(mcp_json_get(root, MCP_STR("freshness"))));
    mcp_buf_release(&json);
    return rc;
}

#define SCHEMA(tool, way, what)                                                                    \
    {                                                                                              \
        .uri = "schema://" tool "." way, .name = tool "." way, .title = what " of " tool,          \
        .mime_type = "application/schema+json", .flags = MCP_RESOURCE_PUBLIC,                      \
        .ttl_ms = SCHEMA_TTL_MS, .read = read_schema                                               \
    }

const struct mcp_resource cost_resource_rows[] = {
    { .uri = "cost://dimensions",
      .name = "dimensions",
      .title = "Dimensions and their values",
      .description = "What group_by and filters take, with up to 50 values of each",
      .mime_type = "application/json",
      .ttl_ms = DATA_TTL_MS,
      .read = read_dimensions },
    { .uri = "cost://freshness",
      .name = "freshness",
      .title = "Freshness of the data",
      .description = "Through which day each provider's data goes, and which bills are open",
      .mime_type = "application/json",
      .ttl_ms = DATA_TTL_MS,
      .read = read_freshness },
    SCHEMA("get_costs", "in", "Arguments"),
    SCHEMA("get_costs", "out", "Answer"),
    SCHEMA("get_forecast", "in", "Arguments"),
    SCHEMA("get_forecast", "out", "Answer"),
    SCHEMA("get_recommendations", "in", "Arguments"),
    SCHEMA("get_recommendations", "out", "Answer"),
    SCHEMA("get_resources", "in", "Arguments"),
    SCHEMA("get_resources", "out", "Answer"),
};
const size_t cost_n_resource_rows = sizeof(cost_resource_rows) / sizeof(cost_resource_rows[0]);
