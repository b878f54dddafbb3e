/* Dates of a question: date arguments, period words, whole months, and what to compare with. */
#include "query_internal.h"

#include <mcp/date.h>

static const char *const month_names[12] = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December",
};

/* ---- date arguments ---- */

static bool is_digits(mcp_str s, size_t at, size_t n)
{
    for (size_t i = at; i < at + n; i++) {
        if (i >= s.len || s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
    }
    return true;
}

static int number(mcp_str s, size_t at, size_t n)
{
    int value = 0;

    for (size_t i = at; i < at + n; i++)
        value = value * 10 + (s.ptr[i] - '0');
    return value;
}

static bool has_date_form(mcp_str s)
{
    return s.len == 10 && is_digits(s, 0, 4) && s.ptr[4] == '-' && is_digits(s, 5, 2) &&
           s.ptr[7] == '-' && is_digits(s, 8, 2);
}

/* Well formed, but no such day. */
static int no_such_day(const char *name, mcp_str s, struct mcp_error *err)
{
    int year = number(s, 0, 4), month = number(s, 5, 2), day = number(s, 8, 2), days;

    if (year < 1 || month < 1 || month > 12) {
        mcp_error_set(err, MCP_EINVAL, "%s %.*s does not exist: %s", name, MCP_STR_ARG(s),
                      year < 1 ? "years run from 0001 to 9999." : "months run from 01 to 12.");
        return mcp_error_next(err, "Use YYYY-MM-DD, as 2026-10-31.");
    }
    days = mcp_date_days_in_month(year, month);
    mcp_error_set(err, MCP_EINVAL, "%s %.*s does not exist: %s %d has %d days.", name,
                  MCP_STR_ARG(s), month_names[month - 1], year, days);
    return mcp_error_next(err, "Use %04d-%02d-%02d, the %s day of that month.", year, month,
                          day < 1 ? 1 : days, day < 1 ? "first" : "last");
}

/* D/M/YYYY and M/D/YYYY cannot be told apart: both readings are offered. */
static bool slashed(mcp_str s, int *a, int *b, int *year)
{
    mcp_str part[3];
    int64_t v[3];

    for (size_t i = 0; i < 3; i++) {
        size_t at = 0;

        while (at < s.len && s.ptr[at] != '/' && s.ptr[at] != '.')
            at++;
        part[i] = mcp_str_n(s.ptr, at);
        if ((at < s.len) != (i < 2) || mcp_str_int64(part[i], &v[i]) < 0)
            return false;
        s = at < s.len ? mcp_str_n(s.ptr + at + 1, s.len - at - 1) : s;
    }
    if (part[2].len != 4 || v[0] < 1 || v[1] < 1 || v[0] > 31 || v[1] > 31)
        return false;
    *a = (int)v[0];
    *b = (int)v[1];
    *year = (int)v[2];
    return true;
}

int cost__date_parse(const char *name, mcp_str text, int32_t *out, struct mcp_error *err)
{
    int64_t instant;
    int a, b, year;

    if (mcp_date_parse(text, out) == 0)
        return 0;
    if (has_date_form(text))
        return no_such_day(name, text, err);
    mcp_error_set(err, MCP_EINVAL, "%s \"%.*s\" is not a date in the form YYYY-MM-DD.", name,
                  COST__SHOW(text));
    if (mcp_instant_parse(text, true, &instant) == 0) {
        char date[MCP_DATE_LEN + 1];

        mcp_date_format(mcp_instant_date(instant), date);
        return mcp_error_next(err, "Use %s: days have no time here.", date);
    }
    if (slashed(text, &a, &b, &year)) {
        if (a <= 12 && b <= 12 && a != b)
            return mcp_error_next(err, "Use %04d-%02d-%02d for %d %s or %04d-%02d-%02d for %d %s.",
                                  year, a, b, b, month_names[a - 1], year, b, a, a,
                                  month_names[b - 1]);
        if (a <= 12 || b <= 12)
            return mcp_error_next(err, "Use %04d-%02d-%02d.", year, a <= 12 ? a : b,
                                  a <= 12 ? b : a);
    }
    return mcp_error_next(err, "Use YYYY-MM-DD, or period instead of dates: mtd, last_month, "
                               "last_30_days, 2026-10.");
}

int cost__range_check(const char *tool, const char *start_name, const char *end_name,
                      struct cost_range range, struct mcp_error *err)
{
    char start[MCP_DATE_LEN + 1], end[MCP_DATE_LEN + 1];

    if (range.start <= range.end)
        return 0;
    mcp_date_format(range.start, start);
    mcp_date_format(range.end, end);
    mcp_error_set(err, MCP_EINVAL, "%s %s is after %s %s; both days are inclusive.", start_name,
                  start, end_name, end);
    return mcp_error_next(err,
                          "Call %s with start_date %s and end_date %s; for the single day %s pass "
                          "it as both.",
                          tool, end, start, start);
}

/* ---- period words ---- */

static struct cost_range months(int32_t day, int first, int count)
{
    int32_t start = mcp_date_add_months(mcp_date_month_start(day), first);

    return (struct cost_range){ start, mcp_date_month_end(mcp_date_add_months(start, count - 1)) };
}

/* The unit (1, 3 or 12 months) that contains day, `ahead` units later. */
static struct cost_range unit(int32_t day, int length, int ahead)
{
    int month = mcp_date_civil(day).month - 1;

    return months(day, ahead * length - month % length, length);
}

static struct cost__period whole(struct cost_range r)
{
    return (struct cost__period){ r, r };
}

/* Of a month counted from January of the year, which 12 of them end. */
static int32_t first_day(int year, int month)
{
    return mcp_date_from_civil((struct mcp_civil){ year + month / 12, month % 12 + 1, 1 });
}

/* YYYY, YYYY-Qn, YYYY-MM. */
static bool calendar_word(mcp_str w, struct cost__period *out)
{
    int year, first = 0, length = 12;

    if (w.len < 4 || !is_digits(w, 0, 4) || (year = number(w, 0, 4)) < 1)
        return false;
    if (w.len == 7 && w.ptr[4] == '-' && (w.ptr[5] | 0x20) == 'q') {
        if (w.ptr[6] < '1' || w.ptr[6] > '4')
            return false;
        first = (w.ptr[6] - '1') * 3;
        length = 3;
    } else if (w.len == 7 && w.ptr[4] == '-' && is_digits(w, 5, 2)) {
        first = number(w, 5, 2) - 1;
        length = 1;
        if (first < 0 || first > 11)
            return false;
    } else if (w.len != 4) {
        return false;
    }
    *out =
        whole((struct cost_range){ first_day(year, first), first_day(year, first + length) - 1 });
    return true;
}

/* last_N_days ends yesterday, next_N_days begins today. */
static bool days_word(mcp_str w, int32_t today, struct cost__period *out)
{
    bool last = mcp_str_cut_prefix(&w, MCP_STR("last_"));
    int64_t n;
    mcp_str digits = w;

    if (!last && !mcp_str_cut_prefix(&digits, MCP_STR("next_")))
        return false;
    if (!mcp_str_ends(digits, MCP_STR("_days")))
        return false;
    digits.len -= strlen("_days");
    if (mcp_str_int64(digits, &n) < 0 || n < 1 || n > 3660)
        return false;
    *out = whole(last ? (struct cost_range){ today - (int32_t)n, today - 1 }
                      : (struct cost_range){ today, today + (int32_t)n - 1 });
    return true;
}

static const struct period_word {
    const char *word;
    int length; /* months of the unit; 0: a day */
    int ahead; /* units (or days) from today's */
    bool to_date; /* up to today only */
} period_words[] = {
    { "mtd", 1, 0, true },           { "month_to_date", 1, 0, true },
    { "this_month", 1, 0, false },   { "last_month", 1, -1, false },
    { "next_month", 1, 1, false },   { "qtd", 3, 0, true },
    { "this_quarter", 3, 0, false }, { "last_quarter", 3, -1, false },
    { "next_quarter", 3, 1, false }, { "ytd", 12, 0, true },
    { "this_year", 12, 0, false },   { "last_year", 12, -1, false },
    { "next_year", 12, 1, false },   { "today", 0, 0, false },
    { "yesterday", 0, -1, false },
};

int cost__period_parse(mcp_str word, int32_t today, struct cost__period *out, struct mcp_error *err)
{
    char folded[32];
    mcp_str w = { folded, word.len };

    if (calendar_word(word, out))
        return 0;
    if (word.len >= sizeof(folded))
        w.len = 0;
    for (size_t i = 0; i < w.len; i++) {
        char c = word.ptr[i];

        folded[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
        if (c == ' ' || c == '-')
            folded[i] = '_';
    }
    if (days_word(w, today, out))
        return 0;
    for (size_t i = 0; i < sizeof(period_words) / sizeof(period_words[0]); i++) {
        const struct period_word *p = &period_words[i];

        if (!mcp_str_eq(w, mcp_str_z(p->word)))
            continue;
        if (p->length == 0)
            *out = whole((struct cost_range){ today + p->ahead, today + p->ahead });
        else
            *out = whole(unit(today, p->length, p->ahead));
        if (p->to_date)
            out->days.end = today;
        return 0;
    }
    mcp_error_set(err, MCP_EINVAL, "period \"%.*s\" is not known.", COST__SHOW(word));
    return mcp_error_next(err, "Use mtd, last_month, last_7_days, last_30_days (any N), qtd, "
                               "last_quarter, ytd, 2026, 2026-Q3 or 2026-10; or start_date and "
                               "end_date.");
}

/* ---- comparing ---- */

int cost__whole_months(struct cost_range range)
{
    struct mcp_civil a = mcp_date_civil(range.start), b = mcp_date_civil(range.end);

    if (range.start > range.end || a.day != 1 || mcp_date_month_end(range.end) != range.end)
        return 0;
    return (b.year - a.year) * 12 + b.month - a.month + 1;
}

/* 1, 3 or 12 for one calendar month, quarter or year. */
static int calendar_unit(struct cost_range range)
{
    int n = cost__whole_months(range);
    int month = mcp_date_civil(range.start).month - 1;

    return n == 1 || ((n == 3 || n == 12) && month % n == 0) ? n : 0;
}

static struct cost_range shifted(struct cost_range r, int by)
{
    return (struct cost_range){ mcp_date_add_months(r.start, by), mcp_date_add_months(r.end, by) };
}

static struct cost_range previous(enum cost_basis basis, struct cost_range range,
                                  struct cost_range full)
{
    int n = calendar_unit(full), whole_months = cost__whole_months(range);
    int32_t days = range.end - range.start;
    struct cost_range before;

    if (basis == COST_INVOICE && whole_months > 0)
        return months(range.start, -whole_months, whole_months);
    if (n == 0)
        return (struct cost_range){ range.start - 1 - days, range.start - 1 };
    before = months(full.start, -n, n);
    if (range.end == full.end)
        return before;
    /* An unfinished period: the same number of days of the one before. */
    if (before.start + days < before.end)
        before.end = before.start + days;
    return before;
}

struct cost_range cost__compare_range(enum cost_compare compare, enum cost_basis basis,
                                      struct cost_range range, struct cost_range full)
{
    struct cost_range r;

    if (compare == COST_COMPARE_PERIOD)
        return previous(basis, range, full);
    r = shifted(range, compare == COST_COMPARE_YEAR ? -12 : -1);
    /* Invoices exist as whole periods only. */
    if (basis == COST_INVOICE)
        r = (struct cost_range){ mcp_date_month_start(r.start), mcp_date_month_end(r.end) };
    return r;
}
