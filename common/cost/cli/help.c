/* --help: one page for the program, one for each sub-command, one for the arguments of each tool. */
#include "call_args.h"
#include "cli.h"
#include "say.h"

#include <mcp/json.h>
#include <mcp/version.h>

#include <stdio.h>

#define WIDTH 80
#define INDENT 28

static const struct page {
    const char *word;
    enum cost__command command;
    const char *usage;
    const char *about;
} pages[] = {
    { "call", COST__CALL, "call TOOL [FLAGS]",
      "One answer of a tool: the same code as for any MCP client. Prints a table for people, with "
      "--json the structured content, with --csv a sheet. Exit status 0: answered, 1: the tool "
      "refused, 2: wrong flags." },
    { "config", COST__CONFIG, "config claude | copilotkit | cursor | vscode [FLAGS]",
      "Prints the configuration that makes an MCP client start this server, with the data flags "
      "given here." },
    { "doctor", COST__DOCTOR, "doctor [FLAGS]",
      "Looks through the data: age, gaps, open billing periods, currencies, missing columns, "
      "unknown providers; of a live cloud credentials, settings and each permission. One line "
      "each, with the fix. Exit status 1 when something FAILs." },
    { "health", COST__HEALTH, "health [URL]",
      "Asks a running HTTP server whether it is ready (default "
      "http://127.0.0.1:$PORT/health/ready, PORT 8080), for container health checks. Exit status "
      "0: ready." },
    { "import", COST__IMPORT, "import FILE... [FLAGS]",
      "Adds FOCUS 1.0 to 1.4 exports (.csv, .csv.gz, folders) to the dataset, as one delivery: "
      "all of it or nothing. A bill imported again replaces its older state; the same file again "
      "changes nothing." },
};

/* Words of text from column indent on; at: where the line stands already. */
static void wrap(struct mcp_buf *out, size_t at, size_t indent, mcp_str text)
{
    bool fresh = at <= indent;
    mcp_str word;

    mcp_buf_printf(out, "%*s", fresh ? (int)(indent - at) : 0, "");
    at = fresh ? indent : at;
    for (bool more = text.len > 0; more;) {
        more = mcp_str_cut(&text, ' ', &word);
        if (word.len == 0)
            continue;
        if (!fresh && at + 1 + word.len > WIDTH) {
            mcp_buf_printf(out, "\n%*s", (int)indent, "");
            at = indent;
            fresh = true;
        }
        if (!fresh)
            mcp_buf_char(out, ' ');
        at += word.len + !fresh;
        mcp_buf_str(out, word);
        fresh = false;
    }
    mcp_buf_char(out, '\n');
}

static void row(struct mcp_buf *out, const char *left, mcp_str right)
{
    size_t at = strlen(left) + 2;

    mcp_buf_printf(out, "  %s", left);
    if (right.len == 0 || at + 2 > INDENT) {
        mcp_buf_char(out, '\n');
        at = 0;
    }
    if (right.len > 0)
        wrap(out, at, INDENT, right);
}

/* The words of an enum, wherever the property keeps it. */
static mcp_str choices(struct mcp_json property, struct mcp_arena *arena)
{
    struct mcp_json list = mcp_json_get(property, MCP_STR("enum"));
    mcp_str words = MCP_STR_NULL;

    if (!mcp_json_exists(list)) {
        struct mcp_json_iter first = mcp_json_iter(mcp_json_get(property, MCP_STR("anyOf")));

        if (mcp_json_next(&first))
            list = mcp_json_get(first.value, MCP_STR("enum"));
    }
    for (struct mcp_json_iter it = mcp_json_iter(list); mcp_json_next(&it);) {
        mcp_str word;

        if (mcp_json_str(it.value, arena, &word) == 0)
            words = mcp_arena_printf(arena, "%.*s%s%.*s", MCP_STR_ARG(words),
                                     words.len > 0 ? ", " : "", MCP_STR_ARG(word));
    }
    return words;
}

static const char *placeholder(mcp_str name, struct mcp_json property, bool listed)
{
    struct mcp_json type = mcp_json_get(property, MCP_STR("type"));

    if (mcp_str_eq(name, MCP_STR("filters")))
        return " KEY=VALUE,...";
    if (mcp_str_ends(name, MCP_STR("_date")))
        return " YYYY-MM-DD";
    if (listed)
        return " WORD";
    if (mcp_json_str_eq(type, MCP_STR("boolean")))
        return "";
    if (mcp_json_str_eq(type, MCP_STR("array")))
        return " NAME,...";
    if (mcp_json_str_eq(type, MCP_STR("integer")) || mcp_json_str_eq(type, MCP_STR("number")))
        return " N";
    return " TEXT";
}

/* One argument of the tool as a flag, with what the schema says of it. */
static void put_argument(mcp_str name, struct mcp_json property, struct mcp_arena *arena,
                         struct mcp_buf *out)
{
    mcp_str about = mcp_json_get_str(property, MCP_STR("description"), arena);
    mcp_str words = choices(property, arena);
    bool filter = mcp_str_eq(name, MCP_STR("filters"));
    char *flag = mcp_arena_alloc(arena, name.len + 1);

    for (size_t i = 0; i < name.len; i++)
        flag[i] = name.ptr[i] == '_' ? '-' : name.ptr[i];
    if (filter)
        about = MCP_STR("rows of these values only; KEY!=VALUE,... leaves them out, an empty VALUE "
                        "is the missing one; may be repeated");
    else if (words.len > 0)
        about = mcp_arena_printf(arena, "%.*s%s%.*s", MCP_STR_ARG(words), about.len > 0 ? ". " : "",
                                 MCP_STR_ARG(about));
    row(out,
        mcp_arena_printf(arena, "--%s%s", filter ? "filter" : flag,
                         placeholder(name, property, words.len > 0))
            .ptr,
        about);
}

static void put_arguments(const struct mcp_tool *tool, struct mcp_arena *arena, struct mcp_buf *out)
{
    struct mcp_json schema, properties;

    mcp_buf_printf(out, "\nArguments of %s (none is required):\n", tool->name);
    if (mcp_json_parse(arena, mcp_str_n(tool->in->text, tool->in->len), NULL, &schema, NULL) < 0)
        return;
    properties = mcp_json_get(schema, MCP_STR("properties"));
    for (struct mcp_json_iter it = mcp_json_iter(properties); mcp_json_next(&it);) {
        mcp_str name;

        if (mcp_json_str(it.key, arena, &name) == 0)
            put_argument(name, it.value, arena, out);
    }
}

static void put_tools(const struct cost_server_spec *spec, struct mcp_buf *out)
{
    mcp_buf_z(out, "\nTools:\n");
    for (size_t i = 0; i < cost_n_tool_rows; i++)
        row(out, cost_tool_rows[i].name, mcp_str_z(cost_tool_rows[i].title));
    mcp_buf_printf(out,
                   "\n"
                   "  %s call TOOL --help lists the arguments of a tool. For example:\n"
                   "  %s call get_costs --group-by service,region --period last_month\n"
                   "  %s call get_costs --filter region=eu-west-1 --compare previous_period\n"
                   "  %s call get_forecast --json\n",
                   spec->name, spec->name, spec->name, spec->name);
}

static void put_command(const struct cost_server_spec *spec, const struct page *page,
                        const struct mcp_tool *tool, struct mcp_arena *arena, struct mcp_buf *out)
{
    mcp_buf_printf(out, "%s %s\n\n", spec->name, page->usage);
    wrap(out, 0, 0, mcp_str_z(tool != NULL ? tool->description : page->about));
    if (tool != NULL)
        put_arguments(tool, arena, out);
    else if (page->command == COST__CALL)
        put_tools(spec, out);
    if (page->command != COST__HEALTH)
        cost__settings_help(spec, page->command, out);
}

static void put_program(const struct cost_server_spec *spec, struct mcp_arena *arena,
                        struct mcp_buf *out)
{
    static const char *const uses[][2] = {
        { "", "serve MCP over stdio" },
        { "--http [[HOST:]PORT]", "serve MCP over HTTP at /mcp" },
        { "call TOOL", "one answer as a table, JSON or CSV" },
        { "import FILE...", "FOCUS exports into the dataset" },
        { "doctor", "data, permissions: what is wrong, the fix" },
        { "config CLIENT", "configuration for an MCP client" },
        { "health [URL]", "is a running HTTP server ready?" },
        { "COMMAND --help", "more about a command" },
        { "--print-config", "every option, its value and its source" },
        { "--version", "the version" },
    };

    mcp_buf_printf(out, "%s %s\n%s\n\n", spec->name, MCP_VERSION_STR, spec->description);
    for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++)
        mcp_buf_printf(out, "  %-33s  %s\n",
                       mcp_arena_printf(arena, "%s %s", spec->name, uses[i][0]).ptr, uses[i][1]);
    mcp_buf_z(out,
              "\nOptions are read from a YAML file (--config FILE, MCP_COST_CONFIG, else\n"
              "~/.config/mcp-cost/config.yaml), then from the environment, then from flags.\n");
    cost__settings_help(spec, COST__SERVE, out);
}

int cost__cli_help(const struct cost_server_spec *spec, int argc, char **argv,
                   struct mcp_arena *arena)
{
    const struct page *page = NULL;
    const struct mcp_tool *tool = NULL;
    struct mcp_buf text;

    /* "call --help", "help call" and "--help call" all mean the page of call. */
    for (int i = 1; i < argc; i++) {
        for (size_t k = 0; page == NULL && k < sizeof(pages) / sizeof(pages[0]); k++) {
            if (strcmp(argv[i], pages[k].word) == 0)
                page = &pages[k];
        }
        if (page != NULL && page->command == COST__CALL && tool == NULL)
            tool = cost__call_tool(argv[i]);
    }
    mcp_buf_init(&text, 1 << 20);
    if (page != NULL)
        put_command(spec, page, tool, arena, &text);
    else
        put_program(spec, arena, &text);
    fwrite(text.ptr, 1, text.len, stdout);
    mcp_buf_release(&text);
    return cost__cli_done();
}
