/* `call TOOL`: one tool from the command line, by the same path as any client's call. */
#include "bar.h"
#include "cli.h"
#include "say.h"

#include <mcp/json.h>
#include <mcp/json_writer.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_PAGES 10000

static void on_progress(void *ctx, int64_t done, int64_t total, mcp_str message)
{
    char what[64];

    snprintf(what, sizeof(what), "%.*s", MCP_STR_ARG(message));
    cost__bar_draw(ctx, what, 0, (uint64_t)done, (uint64_t)total);
}

/* Data for programs: as it is. */
static void put(mcp_str text)
{
    fwrite(text.ptr, 1, text.len, stdout);
    if (text.len > 0 && text.ptr[text.len - 1] != '\n')
        putchar('\n');
}

/* The same arguments with another cursor. */
static mcp_str with_cursor(struct mcp_arena *arena, mcp_str args, mcp_str cursor)
{
    struct mcp_json root;
    struct mcp_jsonw w;
    struct mcp_buf buf;
    mcp_str out;

    mcp_buf_init(&buf, 4 << 20);
    mcp_jsonw_init(&w, &buf);
    mcp_jsonw_object(&w);
    if (mcp_json_parse(arena, args, NULL, &root, NULL) == 0) {
        for (struct mcp_json_iter it = mcp_json_iter(root); mcp_json_next(&it);) {
            mcp_str name = MCP_STR_NULL;

            mcp_json_str(it.key, arena, &name);
            if (mcp_str_eq(name, MCP_STR("cursor")))
                continue;
            mcp_jsonw_key(&w, name);
            mcp_jsonw_raw(&w, mcp_json_raw(it.value));
        }
    }
    mcp_jsonw_key(&w, MCP_STR("cursor"));
    mcp_jsonw_str(&w, cursor);
    mcp_jsonw_end(&w);
    out = mcp_arena_str(arena, mcp_buf_view(&buf));
    mcp_buf_release(&buf);
    return out;
}

/* JSON lines: one structured content a page. CSV: the header once. */
static void put_page(const struct cost__settings *s, const struct mcp_app_answer *answer,
                     size_t page)
{
    mcp_str text = answer->text, header;

    if (s->json) {
        put(mcp_str_is_null(answer->structured) ? answer->text : answer->structured);
        return;
    }
    if (s->csv && page > 0)
        mcp_str_cut(&text, '\n', &header);
    if (s->csv) {
        put(text);
        return;
    }
    if (page > 0)
        putchar('\n');
    cost__cli_print(text);
}

static void put_refusal(const struct cost__program *p, mcp_str text)
{
    mcp_str message, next;

    cost__cli_refusal(text, &message, &next);
    fprintf(stderr, "%s: %.*s\n", p->spec->name, MCP_STR_ARG(message));
    if (next.len > 0)
        fprintf(stderr, "%.*s\n", MCP_STR_ARG(next));
}

static int run_pages(struct cost__program *p, const struct mcp_tool *tool, mcp_str args)
{
    struct cost__settings *s = p->settings;

    for (size_t page = 0; page < MAX_PAGES; page++) {
        struct mcp_arena *arena = mcp_arena_new(0, 0);
        struct mcp_error err = { 0 };
        struct mcp_app_answer answer;
        struct cost__bar bar = { 0 };
        struct mcp_json root;
        mcp_str cursor = MCP_STR_NULL;
        int rc;

        if (arena == NULL)
            return COST__EXIT_ERROR;
        rc = mcp_app_call(p->app, mcp_str_z(tool->name), args, arena, on_progress, &bar, &answer,
                          &err);
        cost__bar_end(&bar);
        if (rc < 0 || answer.is_error) {
            if (rc < 0)
                cost__cli_fail(p->spec, COST__EXIT_ERROR, &err);
            else
                put_refusal(p, answer.text);
            mcp_arena_free(arena);
            return COST__EXIT_ERROR;
        }
        put_page(s, &answer, page);
        if (s->all && mcp_json_parse(arena, answer.structured, NULL, &root, NULL) == 0)
            cursor = mcp_json_get_str(root, MCP_STR("next_cursor"), p->arena);
        if (!mcp_str_is_null(cursor))
            args = with_cursor(p->arena, args, mcp_arena_str(p->arena, cursor));
        mcp_arena_free(arena);
        if (mcp_str_is_null(cursor))
            break;
    }
    return cost__cli_done();
}

int cost__cli_call(struct cost__program *p)
{
    const struct cost__settings *s = p->settings;
    struct mcp_error err = { 0 };
    const struct mcp_tool *tool = p->tool;

    if (tool == NULL || s->options.n_rest > 0) {
        if (tool == NULL)
            mcp_error_set(&err, MCP_EINVAL, "call needs a tool");
        else
            mcp_error_set(&err, MCP_EINVAL, "call takes one tool; \"%.*s\" is one word too many",
                          MCP_STR_ARG(mcp_str_head(s->options.rest[0], 80)));
        mcp_error_next(&err,
                       "%s call get_costs | get_forecast | get_recommendations | get_resources "
                       "[--group-by service --period last_month ...]",
                       p->spec->name);
        return cost__cli_fail(p->spec, COST__EXIT_USAGE, &err);
    }
    if (s->json && s->csv) {
        mcp_error_set(&err, MCP_EINVAL, "--json and --csv exclude each other");
        return cost__cli_fail(p->spec, COST__EXIT_USAGE, &err);
    }
    if (s->csv && strcmp(tool->name, "get_costs") != 0) {
        mcp_error_set(&err, MCP_EINVAL, "--csv is for get_costs");
        mcp_error_next(&err, "Use --json.");
        return cost__cli_fail(p->spec, COST__EXIT_USAGE, &err);
    }
    return run_pages(p, tool, s->args);
}
