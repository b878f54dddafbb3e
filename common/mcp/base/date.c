/* Civil dates and instants, proleptic Gregorian, without libc's time functions. */
#include <mcp/date.h>

#define DAY_SECONDS 86400
#define DATE_FIRST (-719162) /* 0001-01-01 */
#define DATE_LAST 2932896 /* 9999-12-31 */

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int mcp_date_days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    if (month < 1 || month > 12)
        return 0;
    return days[month - 1] + (month == 2 && is_leap(year));
}

bool mcp_civil_valid(struct mcp_civil c)
{
    return c.year >= 1 && c.year <= 9999 && c.day >= 1 &&
           c.day <= mcp_date_days_in_month(c.year, c.month);
}

/* Eras of 400 years that begin on 1 March, so that the leap day comes last (H. Hinnant,
 * "chrono-compatible low-level date algorithms"). */
int32_t mcp_date_from_civil(struct mcp_civil c)
{
    int y = c.month <= 2 ? c.year - 1 : c.year;
    int era = (y >= 0 ? y : y - 399) / 400;
    int year_of_era = y - era * 400;
    int day_of_year = (153 * (c.month + (c.month > 2 ? -3 : 9)) + 2) / 5 + c.day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

struct mcp_civil mcp_date_civil(int32_t date)
{
    int64_t z = (int64_t)date + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int doe = (int)(z - era * 146097);
    int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int mp = (5 * doy + 2) / 153;
    struct mcp_civil c = {
        .year = (int)(yoe + era * 400),
        .month = mp < 10 ? mp + 3 : mp - 9,
        .day = doy - (153 * mp + 2) / 5 + 1,
    };

    if (c.month <= 2)
        c.year++;
    return c;
}

int mcp_date_weekday(int32_t date)
{
    int day = (int)(((int64_t)date + 3) % 7); /* 1970-01-01 was a Thursday */

    return (day < 0 ? day + 7 : day) + 1;
}

int32_t mcp_date_add_months(int32_t date, int months)
{
    struct mcp_civil c = mcp_date_civil(date);
    int64_t index = (int64_t)c.year * 12 + (c.month - 1) + months;
    int last;

    if (index < 12)
        return DATE_FIRST;
    if (index > 9999 * 12 + 11)
        return DATE_LAST;
    c.year = (int)(index / 12);
    c.month = (int)(index % 12) + 1;
    last = mcp_date_days_in_month(c.year, c.month);
    if (c.day > last)
        c.day = last;
    return mcp_date_from_civil(c);
}

int32_t mcp_date_month_start(int32_t date)
{
    return date - (mcp_date_civil(date).day - 1);
}

int32_t mcp_date_month_end(int32_t date)
{
    struct mcp_civil c = mcp_date_civil(date);

    return date + (mcp_date_days_in_month(c.year, c.month) - c.day);
}

/* Exactly n digits at *s, which moves past them: their value, else -1. */
static int take_digits(mcp_str *s, size_t n)
{
    int value = 0;

    if (s->len < n)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (s->ptr[i] < '0' || s->ptr[i] > '9')
            return -1;
        value = value * 10 + (s->ptr[i] - '0');
    }
    s->ptr += n;
    s->len -= n;
    return value;
}

static bool take_char(mcp_str *s, char c)
{
    if (s->len == 0 || s->ptr[0] != c)
        return false;
    s->ptr++;
    s->len--;
    return true;
}

static int take_date(mcp_str *s, int32_t *out)
{
    struct mcp_civil c = { 0 };

    c.year = take_digits(s, 4);
    if (c.year < 0 || !take_char(s, '-'))
        return -1;
    c.month = take_digits(s, 2);
    if (c.month < 0 || !take_char(s, '-'))
        return -1;
    c.day = take_digits(s, 2);
    if (!mcp_civil_valid(c))
        return -1;
    *out = mcp_date_from_civil(c);
    return 0;
}

int mcp_date_parse(mcp_str s, int32_t *out)
{
    int32_t date;

    if (take_date(&s, &date) < 0 || s.len != 0)
        return -1;
    *out = date;
    return 0;
}

/* HH:MM:SS and a fraction, which is cut. 24:00:00 and :60 run into the next second by themselves.
 */
static int take_time(mcp_str *s, int *seconds)
{
    int hour, minute, second;

    hour = take_digits(s, 2);
    if (hour < 0 || hour > 24 || !take_char(s, ':'))
        return -1;
    minute = take_digits(s, 2);
    if (minute < 0 || minute > 59 || !take_char(s, ':'))
        return -1;
    second = take_digits(s, 2);
    if (second < 0 || second > 60 || (hour == 24 && (minute != 0 || second != 0)))
        return -1;
    if (take_char(s, '.')) {
        bool zero = true;
        size_t n = 0;

        while (n < s->len && s->ptr[n] >= '0' && s->ptr[n] <= '9')
            zero &= s->ptr[n++] == '0';
        if (n == 0 || (hour == 24 && !zero))
            return -1;
        s->ptr += n;
        s->len -= n;
    }
    *seconds = hour * 3600 + minute * 60 + second;
    return 0;
}

/* Z or +HH:MM; when lax also nothing or " UTC". The whole rest of s. */
static int take_zone(mcp_str s, bool lax, int *seconds)
{
    bool minus;
    int hour, minute;

    *seconds = 0;
    if (lax && (s.len == 0 || mcp_str_eq(s, MCP_STR(" UTC"))))
        return 0;
    if (s.len == 1 && (s.ptr[0] | 0x20) == 'z')
        return 0;
    minus = s.len > 0 && s.ptr[0] == '-';
    if (!minus && (s.len == 0 || s.ptr[0] != '+'))
        return -1;
    s.ptr++;
    s.len--;
    hour = take_digits(&s, 2);
    if (hour < 0 || hour > 23 || !take_char(&s, ':'))
        return -1;
    minute = take_digits(&s, 2);
    if (minute < 0 || minute > 59 || s.len != 0)
        return -1;
    *seconds = (minus ? -1 : 1) * (hour * 3600 + minute * 60);
    return 0;
}

int mcp_instant_parse(mcp_str s, bool lax, int64_t *out)
{
    int32_t date;
    int seconds, zone;

    if (take_date(&s, &date) < 0)
        return -1;
    if (lax && s.len == 0) {
        *out = (int64_t)date * DAY_SECONDS;
        return 0;
    }
    if (!take_char(&s, 'T') && !take_char(&s, 't') && !take_char(&s, ' '))
        return -1;
    if (take_time(&s, &seconds) < 0 || take_zone(s, lax, &zone) < 0)
        return -1;
    *out = (int64_t)date * DAY_SECONDS + seconds - zone;
    return 0;
}

static char *put_digits(char *out, int value, int n)
{
    for (int i = n - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + n;
}

void mcp_date_format(int32_t date, char out[MCP_DATE_LEN + 1])
{
    struct mcp_civil c;

    if (date < DATE_FIRST)
        date = DATE_FIRST;
    if (date > DATE_LAST)
        date = DATE_LAST;
    c = mcp_date_civil(date);
    out = put_digits(out, c.year, 4);
    *out++ = '-';
    out = put_digits(out, c.month, 2);
    *out++ = '-';
    out = put_digits(out, c.day, 2);
    *out = '\0';
}

void mcp_instant_format(int64_t instant, char out[MCP_INSTANT_LEN + 1])
{
    int64_t first = (int64_t)DATE_FIRST * DAY_SECONDS;
    int64_t last = (int64_t)DATE_LAST * DAY_SECONDS + DAY_SECONDS - 1;
    int32_t date;
    int seconds;

    if (instant < first)
        instant = first;
    if (instant > last)
        instant = last;
    date = mcp_instant_date(instant);
    seconds = (int)(instant - (int64_t)date * DAY_SECONDS);
    mcp_date_format(date, out);
    out += MCP_DATE_LEN;
    *out++ = 'T';
    out = put_digits(out, seconds / 3600, 2);
    *out++ = ':';
    out = put_digits(out, seconds / 60 % 60, 2);
    *out++ = ':';
    out = put_digits(out, seconds % 60, 2);
    *out++ = 'Z';
    *out = '\0';
}

int32_t mcp_instant_date(int64_t instant)
{
    int64_t day = instant / DAY_SECONDS - (instant % DAY_SECONDS < 0);

    if (day < INT32_MIN)
        return INT32_MIN;
    return day > INT32_MAX ? INT32_MAX : (int32_t)day;
}
