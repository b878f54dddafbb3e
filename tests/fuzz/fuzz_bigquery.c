/* Fuzzes what reads an answer of BigQuery: its rows are what the JSON reader finds, and they add up or are refused. */
#include "mcp-gcp/fold.h"
#include "mcp-gcp/rows.h"

#include <mcp/json.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct same {
    struct mcp_json_iter rows;
    struct mcp_arena *arena;
    size_t n_columns;
};

/* The cells of the next row by the reader that the answer was not read with. */
static int compare(void *ctx, const mcp_str *cells, struct mcp_error *err)
{
    struct same *s = ctx;
    struct mcp_json_iter it;
    mcp_str text;

    (void)err;
    MCP_BUG_ON(!mcp_json_next(&s->rows));
    it = mcp_json_iter(mcp_json_get(s->rows.value, MCP_STR("f")));
    for (size_t i = 0; i < s->n_columns; i++) {
        struct mcp_json v;

        MCP_BUG_ON(!mcp_json_next(&it));
        v = mcp_json_get(it.value, MCP_STR("v"));
        if (mcp_json_type(v) == MCP_JSON_STRING)
            MCP_BUG_ON(mcp_json_str(v, s->arena, &text) < 0 || !mcp_str_eq(text, cells[i]));
        else
            MCP_BUG_ON((mcp_json_type(v) == MCP_JSON_NULL) != mcp_str_is_null(cells[i]));
    }
    MCP_BUG_ON(mcp_json_next(&it));
    return 0;
}

static void fold(struct mcp_arena *arena, mcp_str rows)
{
    struct cost_query q = { .range = { 20400, 20403 },
                            .granularity = COST_DAILY,
                            .keys = { { .dim = COST_DIM_SERVICE } },
                            .n_keys = 1 };
    struct gcp_statement st = { .query = &q, .zone = GCP_ZONE_PACIFIC };
    enum cost_granularity coarser;
    struct cost_result out;
    struct gcp_fold f;
    uint64_t count = 0;

    cost_result_init(&out, arena, &q);
    if (gcp_fold_init(&f, &st, 0, 1, arena, NULL) == 0 &&
        gcp_rows_each(rows, GCP_COSTS_N_SHORT, gcp_fold_row, &f, &count, NULL) == 0 &&
        gcp_fold_finish(&f, &out, &coarser, NULL) == 0)
        (void)cost_result_check(&out, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct mcp_arena *arena;
    mcp_str body, envelope, rows;
    struct mcp_json root;
    struct same same = { .n_columns = 1 };
    uint64_t count = 0;

    if (size == 0)
        return 0;
    if (arena == NULL)
        arena = mcp_arena_new(0, 256 << 20);
    same.n_columns += data[0] % 4;
    body = mcp_str_n((const char *)data + 1, size - 1);
    if (gcp_rows_split(body, arena, &envelope, &rows, NULL) == 0 && !mcp_str_is_null(rows)) {
        MCP_BUG_ON(mcp_json_parse(arena, envelope, NULL, &root, NULL) < 0);
        if (mcp_json_parse(arena, rows, NULL, &root, NULL) == 0) {
            same.rows = mcp_json_iter(root);
            same.arena = arena;
            (void)gcp_rows_each(rows, same.n_columns, compare, &same, &count, NULL);
            fold(arena, rows);
        }
    }
    mcp_arena_reset(arena);
    return 0;
}
