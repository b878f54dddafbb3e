/* Three prompts that lead a model through a cost review, and completion of their arguments. */
#include <cost/tools.h>

#include <mcp/date.h>

static int write(struct mcp_call *call, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static int write(struct mcp_call *call, const char *fmt, ...)
{
    struct mcp_buf text;
    va_list ap;
    int rc;

    mcp_buf_init(&text, 16384);
    va_start(ap, fmt);
    mcp_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    rc = mcp_buf_error(&text);
    mcp_result_text(call, mcp_buf_view(&text));
    mcp_buf_release(&text);
    return rc;
}

static mcp_str arg_or(struct mcp_call *call, const char *name, mcp_str fallback)
{
    mcp_str given = mcp_prompt_arg(call, name);

    return given.len > 0 ? given : fallback;
}

static int get_review(struct mcp_call *call, struct mcp_error *err)
{
    mcp_str month = arg_or(call, "month", MCP_STR("last_month"));

    if (write(
            call,
            "Review our cloud cost of %.*s with this server's tools.\n"
            "1. get_costs {\"period\":\"%.*s\",\"compare\":\"previous_period\"}: the total, what "
            "changed, and the services that changed most.\n"
            "2. The same grouped by project, with metric effective, to see who spent it.\n"
            "3. get_forecast {}: what the running month is heading for, with its interval.\n"
            "4. get_recommendations {}: what can be saved; say which savings are unknown.\n"
            "Report totals exactly as given, never add currencies, and pass on every warning that "
            "limits what the figures say. End with the three things to look at first.",
            MCP_STR_ARG(month), MCP_STR_ARG(month)) < 0)
        return mcp_error_set(err, MCP_ETOOBIG, "the argument month is too long");
    return 0;
}

/* ", for service A and region B": what was asked to be looked at alone. */
static mcp_str only(struct mcp_call *call)
{
    static const char *const names[] = { "service", "project", "region" };
    struct mcp_arena *arena = mcp_call_arena(call);
    mcp_str out = MCP_STR("");

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        mcp_str value = mcp_prompt_arg(call, names[i]);

        if (value.len > 0)
            out = mcp_arena_printf(arena, "%.*s%s%s %.*s", MCP_STR_ARG(out),
                                   out.len == 0 ? ", for " : " and ", names[i], MCP_STR_ARG(value));
    }
    return out;
}

static int get_change(struct mcp_call *call, struct mcp_error *err)
{
    mcp_str period = arg_or(call, "period", MCP_STR("last_month")), filters = only(call);
    mcp_str tag = mcp_prompt_arg(call, "tag");

    if (write(
            call,
            "Find out why our cloud cost changed in %.*s%.*s.\n"
            "1. get_costs {\"period\":\"%.*s\",\"compare\":\"previous_period\"}: the change and "
            "the "
            "services behind it.\n"
            "2. For the largest change, filter on that service and group by project, then region, "
            "then sku%s%.*s, each with compare.\n"
            "3. The same with granularity DAILY to find the day it began.\n"
            "4. Look at totals, bridge and charge_category: credits, refunds, tax, purchases of "
            "commitments and later bills change a total without any change in use.\n"
            "Say what is proven by the figures and what is a guess.",
            MCP_STR_ARG(period), MCP_STR_ARG(filters), MCP_STR_ARG(period),
            tag.len > 0 ? ", then tag:" : "", MCP_STR_ARG(tag)) < 0)
        return mcp_error_set(err, MCP_ETOOBIG, "an argument is too long");
    return 0;
}

static int get_savings(struct mcp_call *call, struct mcp_error *err)
{
    if (write(
            call,
            "Make a savings plan for our cloud cost.\n"
            "1. get_recommendations {\"limit\":50}: group them by category; add only savings that "
            "have an estimate, each overlapping item once.\n"
            "2. get_costs {\"period\":\"last_month\",\"bridge\":true}: commitments covered, "
            "unused, "
            "and what runs at the standard price.\n"
            "3. get_resources {\"limit\":20}: the most expensive resources; which of them belong "
            "to "
            "nobody (no tags)?\n"
            "Order the plan by saving and effort, name the owner by tag or project, and state for "
            "each step what must be checked before it is done. Change nothing yourself.") < 0)
        return mcp_error_set(err, MCP_ETOOBIG, "the prompt is too long");
    return 0;
}

static bool begins(mcp_str value, mcp_str given)
{
    return value.len >= given.len && mcp_str_eq_nocase(mcp_str_n(value.ptr, given.len), given);
}

/* Services, projects, tag keys and the like from the data; period words and months from the contract. */
static int complete(struct mcp_call *call, mcp_str argument, mcp_str given, struct mcp_error *err)
{
    static const char *const words[] = { "mtd", "last_month",   "last_7_days", "last_30_days",
                                         "qtd", "last_quarter", "ytd" };
    const struct cost_tools *tools = mcp_call_user(call);
    enum cost_dim dim =
        mcp_str_eq(argument, MCP_STR("tag")) ? COST_DIM_TAG : cost_dim_parse(argument, NULL);
    const mcp_str *values;
    size_t n = 0;
    int rc;

    if (dim == COST_DIM_NONE) {
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
            if (begins(mcp_str_z(words[i]), given))
                mcp_completion_add(call, mcp_str_z(words[i]));
        }
        return 0;
    }
    if (tools->source.values == NULL)
        return 0;
    rc = tools->source.values(tools->source.ctx, call, dim, &values, &n, err);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        if (begins(values[i], given))
            mcp_completion_add(call, values[i]);
    }
    return rc;
}

static const struct mcp_prompt_arg review_args[] = {
    { .name = "month", .description = "YYYY-MM or a period word; left out: last_month" },
};
static const struct mcp_prompt_arg change_args[] = {
    { .name = "period", .description = "a period as in get_costs; left out: last_month" },
    { .name = "service", .description = "look at this service alone" },
    { .name = "project", .description = "look at this project alone" },
    { .name = "region", .description = "look at this region alone" },
    { .name = "tag", .description = "a tag key to group by as well" },
};

const struct mcp_prompt cost_prompt_rows[] = {
    { .name = "monthly_cost_review",
      .title = "Monthly cost review",
      .description = "What a month cost, what changed, what comes, what to save",
      .args = review_args,
      .n_args = 1,
      .get = get_review,
      .complete = complete },
    { .name = "why_did_cost_change",
      .title = "Why did cost change?",
      .description = "From the total down to the service, project and day behind a change",
      .args = change_args,
      .n_args = sizeof(change_args) / sizeof(change_args[0]),
      .get = get_change,
      .complete = complete },
    { .name = "savings_plan",
      .title = "Savings plan",
      .description = "Recommendations, commitments and expensive resources made into a plan",
      .get = get_savings },
};
const size_t cost_n_prompt_rows = sizeof(cost_prompt_rows) / sizeof(cost_prompt_rows[0]);
