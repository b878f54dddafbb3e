/* For tests of the tools: a temporary home, a call without a transport, a source made by hand. */
#include "server_help.h"

#include "../model/query_help.h"
#include "../model/result_help.h"

#include "mcp/proto/call_internal.h"
#include "mcp/proto/sealer.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

const struct cost_server_spec server_spec = {
    .name = "mcp-test", .title = "Test", .description = "A test.", .instructions = "None."
};
const struct cost_server_spec server_spec_policy = { .name = "mcp-policy",
                                                     .title = "Policy",
                                                     .description = "A test.",
                                                     .instructions = "None.",
                                                     .budgets = true };

/* ---- home ---- */

void server_home_begin(struct server_home *home)
{
    static const char *const unset[] = { "XDG_CACHE_HOME", "XDG_DATA_HOME",   "XDG_CONFIG_HOME",
                                         "XDG_STATE_HOME", "MCP_COST_CONFIG", "PORT" };

    snprintf(home->dir, sizeof(home->dir), "/tmp/test-server-XXXXXX");
    assert_non_null(mkdtemp(home->dir));
    for (size_t i = 0; i < sizeof(unset) / sizeof(unset[0]); i++)
        unsetenv(unset[i]);
    setenv("HOME", home->dir, 1);
    setenv("TMPDIR", home->dir, 1);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

void server_home_end(struct server_home *home)
{
    assert_int_equal(nftw(home->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

const char *server_path(const struct server_home *home, const char *name)
{
    static char paths[16][512];
    static unsigned at;
    char *path = paths[at++ % 16];

    snprintf(path, sizeof(paths[0]), "%s/%s", home->dir, name);
    return path;
}

const char *server_file(const struct server_home *home, const char *name, const char *text)
{
    const char *path = server_path(home, name);
    char folder[512];
    FILE *f;

    snprintf(folder, sizeof(folder), "%s", path);
    for (char *p = folder + strlen(home->dir) + 1; (p = strchr(p, '/')) != NULL; p++) {
        *p = '\0';
        mkdir(folder, 0700);
        *p = '/';
    }
    f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
    return path;
}

/* ---- call ---- */

static unsigned sum_of(mcp_str a, mcp_str b)
{
    unsigned sum = 2166136261u;

    for (size_t i = 0; i < a.len + b.len; i++)
        sum = (sum ^ (unsigned char)(i < a.len ? a.ptr[i] : b.ptr[i - a.len])) * 16777619u;
    return sum;
}

static int fake_seal(void *ctx, struct mcp_arena *arena, mcp_str bound, mcp_str plain,
                     mcp_str *sealed, struct mcp_error *err)
{
    (void)ctx, (void)err;
    *sealed = mcp_arena_printf(arena, "%08x.%.*s", sum_of(bound, plain), MCP_STR_ARG(plain));
    return 0;
}

static int fake_open(void *ctx, struct mcp_arena *arena, mcp_str bound, mcp_str sealed,
                     mcp_str *plain, struct mcp_error *err)
{
    char sum[9];

    (void)ctx;
    *plain = mcp_str_n(sealed.ptr + 9, sealed.len < 9 ? 0 : sealed.len - 9);
    snprintf(sum, sizeof(sum), "%08x", sum_of(bound, *plain));
    if (sealed.len < 9 || memcmp(sealed.ptr, sum, 8) != 0)
        return mcp_error_set(err, MCP_EINVAL, "the cursor was not made here");
    *plain = mcp_arena_str(arena, *plain);
    return 0;
}

struct mcp_call *server_call(const struct cost_tools *tools, const char *args)
{
    static const struct mcp_sealer sealer = { .seal = fake_seal, .open = fake_open };
    struct mcp_call *call = mcp__call_new(mcp_arena_new(0, 0));
    union {
        const struct cost_tools *given;
        void *user;
    } user = { tools };
    size_t len = strlen(args);
    char *text;

    assert_non_null(call);
    text = mcp_arena_alloc(call->arena, len + 1);
    for (size_t i = 0; i < len; i++)
        text[i] = args[i] == '\'' ? '"' : args[i];
    if (mcp_json_parse(call->arena, mcp_str_n(text, len), NULL, &call->args, NULL) < 0)
        fail_msg("test arguments are no JSON: %s", args);
    call->user = user.user;
    call->sealer = &sealer;
    return call;
}

void server_call_end(struct mcp_call *call)
{
    mcp__call_unref(call);
}

static const struct mcp_tool *tool_of(const char *name)
{
    for (size_t i = 0; i < cost_n_tool_rows; i++) {
        if (strcmp(cost_tool_rows[i].name, name) == 0)
            return &cost_tool_rows[i];
    }
    fail_msg("no tool %s", name);
    return NULL;
}

void server_run(struct mcp_call *call, const char *tool)
{
    struct mcp_error err = { 0 };

    if (tool_of(tool)->run(call, &err) < 0)
        fail_msg("%s: %s %s", tool, err.message, err.next);
    model_accepts(tool_of(tool)->out, mcp_buf_view(&call->structured));
}

const struct mcp_error *server_refused(struct mcp_call *call, const char *tool)
{
    static struct mcp_error err;

    mcp_error_clear(&err);
    if (tool_of(tool)->run(call, &err) == 0)
        fail_msg("%s was answered", tool);
    assert_int_not_equal(err.err, 0);
    return &err;
}

const char *server_json(struct mcp_call *call)
{
    return mcp_arena_str(call->arena, mcp_buf_view(&call->structured)).ptr;
}

const char *server_text(struct mcp_call *call)
{
    return mcp_arena_str(call->arena, mcp_buf_view(&call->content)).ptr;
}

struct mcp_json server_root(struct mcp_call *call)
{
    struct mcp_json root;

    assert_int_equal(mcp_json_parse(call->arena, mcp_str_z(server_json(call)), NULL, &root, NULL),
                     0);
    return root;
}

/* ---- source ---- */

static int resolve(const struct server_source *s, struct cost_query *q, struct mcp_error *err)
{
    const struct cost_extent extent = { .today = test_day(s->today),
                                        .first = test_day(s->first),
                                        .data_through = test_day(s->data_through),
                                        .has_days = true };

    return cost_query_resolve(q, &extent, err);
}

static void begin(const struct server_source *s, const struct cost_query *q,
                  struct mcp_arena *arena, struct cost_result *r)
{
    cost_result_init(r, arena, q);
    r->provider = MCP_STR("aws");
    r->backend = MCP_STR("focus-files");
    r->has_data_through = true;
    r->data_through = test_day(s->data_through);
    r->generation = mcp_arena_str(arena, mcp_str_z(s->generation));
    r->blocks = mcp_arena_alloc(arena, 4 * sizeof(*r->blocks));
}

/* The page at query.offset of all groups, which lie in b already. */
static void cut_page(struct cost_block_result *b, const struct cost_query *q)
{
    size_t limit = q->limit > 0 ? (size_t)q->limit : COST_LIMIT_DEFAULT, all = b->n_groups;
    size_t from = q->offset < all ? q->offset : all;
    size_t n = all - from < limit ? all - from : limit;

    for (size_t i = 0; i < all; i++) {
        struct cost_money cost = b->groups[i].cost.sum;

        if (i < from)
            assert_int_equal(cost_money_add(&b->before_cost, cost), 0);
        if (i >= from + n) {
            assert_int_equal(cost_money_add(&b->other_cost, cost), 0);
            assert_int_equal(cost_money_add(&b->other_positive, cost), 0);
            b->other_groups++;
        }
    }
    b->groups += from;
    b->n_groups = n;
    b->before_groups = from;
}

static int source_costs(void *ctx, struct mcp_call *call, const struct cost_query *query,
                        struct cost_result *out, struct mcp_error *err)
{
    struct server_source *s = ctx;
    struct mcp_arena *arena = mcp_call_arena(call);
    struct cost_query q = *query;
    struct cost_block_result *b;
    int rc;

    s->asked++;
    if (s->rc < 0)
        return mcp_error_set(err, (enum mcp_err)s->rc, "the source fails");
    rc = resolve(s, &q, err);
    if (rc < 0)
        return rc;
    begin(s, &q, arena, out);
    b = model_block(out, "USD");
    for (unsigned i = s->n_groups; i > 0; i--) {
        char *name = mcp_arena_alloc(arena, s->name_len + 24);
        mcp_str cost = mcp_arena_printf(arena, "%u.01", i);

        snprintf(name, 24, "group-%02u", i);
        for (size_t k = strlen(name); k < s->name_len; k++)
            name[k] = 'x';
        model_group(out, b, name, cost.ptr, cost.ptr);
    }
    cut_page(b, &q);
    return 0;
}

static int source_recommendations(void *ctx, struct mcp_call *call, const struct cost_query *query,
                                  struct cost_recommendations *out, struct mcp_error *err)
{
    struct server_source *s = ctx;
    struct cost_query q = *query;
    int rc = s->rc < 0 ? mcp_error_set(err, (enum mcp_err)s->rc, "the source fails")
                       : resolve(s, &q, err);

    s->asked++;
    if (rc < 0)
        return rc;
    *out = (struct cost_recommendations){ 0 };
    begin(s, &q, mcp_call_arena(call), &out->base);
    return 0;
}

static int source_resources(void *ctx, struct mcp_call *call, const struct cost_query *query,
                            struct cost_resources *out, struct mcp_error *err)
{
    struct server_source *s = ctx;
    struct mcp_arena *arena = mcp_call_arena(call);
    struct cost_resource *items = mcp_arena_alloc(arena, (s->n_groups + 1) * sizeof(*items));
    struct cost_query q = *query;
    size_t limit = q.limit > 0 ? (size_t)q.limit : COST_LIMIT_DEFAULT;
    int rc = s->rc < 0 ? mcp_error_set(err, (enum mcp_err)s->rc, "the source fails")
                       : resolve(s, &q, err);

    s->asked++;
    if (rc < 0)
        return rc;
    *out = (struct cost_resources){ .offset = q.offset, .items_total = s->n_groups };
    begin(s, &q, arena, &out->base);
    for (size_t i = q.offset; i < s->n_groups && out->n_items < limit; i++) {
        struct cost_resource *item = &items[out->n_items++];

        item->id = mcp_arena_printf(arena, "resource-%02zu", i);
        item->has_cost = true;
        item->cost = model_money("2.5");
        item->currency = MCP_STR("USD");
        item->first_seen = test_day(s->first);
        item->last_seen = test_day(s->data_through);
    }
    out->items = items;
    return 0;
}

static int source_peek(void *ctx, struct cost_query *query, mcp_str *generation,
                       struct mcp_arena *arena)
{
    const struct server_source *s = ctx;
    struct mcp_error err = { 0 };

    *generation = mcp_arena_str(arena, mcp_str_z(s->generation));
    return s->blind || resolve(s, query, &err) < 0 ? MCP_MISS : 0;
}

void server_source_init(struct server_source *s, struct cost_source *out)
{
    *s = (struct server_source){ .generation = "g1",
                                 .n_groups = 23,
                                 .today = "2026-11-21",
                                 .first = "2025-10-05",
                                 .data_through = "2026-11-19" };
    *out = (struct cost_source){ .costs = source_costs,
                                 .recommendations = source_recommendations,
                                 .resources = source_resources,
                                 .peek = source_peek,
                                 .ctx = s };
}
