/* Amounts as people and models read them: rounded, separated, never a false zero. */
#include "text.h"

#include <mcp/date.h>

#include <stdio.h>

/* Commas between groups of three digits of the whole part. */
static mcp_str separated(struct mcp_arena *arena, const char *sign, const char *number)
{
    size_t whole = strcspn(number, "."), at = 0;
    char text[2 * COST_MONEY_TEXT];

    for (size_t i = 0; i < whole; i++) {
        if (i > 0 && (whole - i) % 3 == 0)
            text[at++] = ',';
        text[at++] = number[i];
    }
    text[at] = '\0';
    return mcp_arena_printf(arena, "%s%s%s", sign, text, number + whole);
}

static mcp_str rounded(struct mcp_arena *arena, struct cost_money m, int decimals, const char *plus)
{
    char text[COST_MONEY_TEXT];
    struct cost_money abs = cost_money_abs(m);

    cost_money_format_rounded(abs, decimals, text);
    if (m.units != 0 && strspn(text, "0.") == strlen(text)) {
        text[strlen(text) - 1] = '1';
        return mcp_arena_printf(arena, "%s%s", m.units < 0 ? ">-" : "<", text);
    }
    return separated(arena, m.units < 0 ? "-" : m.units > 0 ? plus : "", text);
}

static int decimals_of(mcp_str currency)
{
    int decimals = cost_currency_decimals(currency);

    return decimals < 0 ? 2 : decimals;
}

mcp_str cost__text_money(struct mcp_arena *arena, struct cost_money m, mcp_str currency)
{
    return rounded(arena, m, decimals_of(currency), "");
}

mcp_str cost__text_change(struct mcp_arena *arena, struct cost_money m, mcp_str currency)
{
    return rounded(arena, m, decimals_of(currency), "+");
}

mcp_str cost__text_measure(struct mcp_arena *arena, const struct cost_measure *m, mcp_str currency)
{
    if (cost_measure_is_null(m))
        return MCP_STR("unknown");
    return cost__text_money(arena, m->sum, currency);
}

mcp_str cost__text_quantity(struct mcp_arena *arena, struct cost_money m)
{
    mcp_str text = rounded(arena, m, 2, "");

    if (text.len > 3 && memcmp(text.ptr + text.len - 3, ".00", 3) == 0)
        text.len -= 3;
    return text;
}

mcp_str cost__text_share(struct mcp_arena *arena, struct cost_money part, struct cost_money whole)
{
    struct cost_money percent;
    char text[COST_MONEY_TEXT];

    if (!cost_money_percent(part, whole, text) ||
        cost_money_parse(mcp_str_z(text), &percent, NULL) < 0)
        return MCP_STR("");
    cost_money_format_rounded(percent, 1, text);
    return mcp_arena_printf(arena, "%s%%", text);
}

mcp_str cost__text_date(struct mcp_arena *arena, int32_t day)
{
    char text[MCP_DATE_LEN + 1];

    mcp_date_format(day, text);
    return mcp_arena_str(arena, mcp_str_n(text, MCP_DATE_LEN));
}

static void put_line(struct mcp_buf *out, mcp_str text)
{
    cost__text_safe(out, text);
    mcp_buf_char(out, '\n');
}

mcp_str cost__text_provider(mcp_str provider)
{
    const char *title = cost_provider_title(provider);

    if (mcp_str_eq(provider, MCP_STR("multiple")))
        return MCP_STR("several providers");
    return title != NULL ? mcp_str_z(title) : provider;
}

void cost__text_tail(const struct cost_result *r, unsigned width, struct mcp_buf *out)
{
    if (width > 0 && r->n_warnings > 0)
        mcp_buf_char(out, '\n');
    for (size_t i = 0; i < r->n_warnings; i++) {
        const struct cost_warning *x = &r->warnings[i];

        /* The code is for programs. */
        mcp_buf_printf(out, "%s: ", width > 0 ? "Note" : x->code);
        cost__text_safe(out, x->text);
        if (x->next.len > 0) {
            mcp_buf_char(out, ' ');
            cost__text_safe(out, x->next);
        }
        mcp_buf_char(out, '\n');
    }
    if (r->next_cursor.len == 0)
        return;
    if (width > 0) {
        mcp_buf_z(out, "More: --all, or a larger --limit.\n");
    } else if (r->query.offset == 0 && r->query.limit == 0) {
        mcp_buf_z(out, "More: limit 50, or cursor = next_cursor.\n");
    } else {
        mcp_buf_z(out, "More: repeat the call with cursor ");
        put_line(out, r->next_cursor);
    }
}
