/* Exact money: reading, printing, checked sums, and the few divisions the contract allows. */
#include <cost/money.h>

#include <math.h>
#include <stdio.h>

typedef unsigned __int128 u128;

#define E18 UINT64_C(1000000000000000000)
/* 1.7e38 units: every amount and its negation stay below it. */
#define LIMIT ((u128)17 * E18 * E18 * 10)
#define FAST_DIGITS 18 /* fit uint64_t and, scaled by 1e18, the limit */

static const uint64_t pow10_64[19] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
};

static u128 magnitude(struct cost_money m)
{
    return m.units < 0 ? (u128)0 - (u128)m.units : (u128)m.units;
}

static struct cost_money signed_money(bool minus, u128 units)
{
    return (struct cost_money){ minus ? -(__int128)units : (__int128)units };
}

/* ---- reading ---- */

/* A number's text taken apart: digits from `begin` to `end` with at most one point among them. */
struct parts {
    const char *p;
    size_t begin, end; /* begin: the first digit that is not a leading zero */
    size_t count; /* digits from begin on, the point not counted */
    int64_t scale; /* value = digits * 10^scale */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* e, sign and digits up to the end. Huge exponents are cut: they overflow or vanish anyhow. */
static int parse_exponent(mcp_str s, size_t i, int64_t *out)
{
    const int64_t max = 1000000000;
    bool minus = false;
    int64_t value = 0;

    if (i < s.len && (s.ptr[i] == '+' || s.ptr[i] == '-'))
        minus = s.ptr[i++] == '-';
    if (i == s.len)
        return -1;
    for (; i < s.len; i++) {
        if (!is_digit(s.ptr[i]))
            return -1;
        value = value * 10 + (s.ptr[i] - '0');
        if (value > max)
            value = max;
    }
    *out = minus ? -value : value;
    return 0;
}

static int take_apart(mcp_str s, size_t i, struct parts *out)
{
    size_t point = SIZE_MAX, digits = 0, fraction = 0;
    int64_t exponent = 0;

    out->p = s.ptr;
    out->begin = i;
    for (; i < s.len && (is_digit(s.ptr[i]) || (s.ptr[i] == '.' && point == SIZE_MAX)); i++) {
        if (s.ptr[i] == '.') {
            point = i;
        } else {
            digits++;
            fraction += point != SIZE_MAX;
        }
    }
    if (digits == 0)
        return -1;
    if (i < s.len && ((s.ptr[i] | 0x20) != 'e' || parse_exponent(s, i + 1, &exponent) < 0))
        return -1;
    out->end = i;
    out->count = digits;
    out->scale = exponent - (int64_t)fraction;
    while (out->begin < i && (s.ptr[out->begin] == '0' || s.ptr[out->begin] == '.'))
        out->count -= s.ptr[out->begin++] == '0';
    return 0;
}

/* What is dropped behind the last unit: its first nine digits, and whether more follow. */
struct dropped {
    uint32_t nine;
    bool more;
};

static struct dropped read_dropped(const struct parts *n, size_t at, size_t zeros)
{
    struct dropped d = { 0, false };
    unsigned places = 0;

    for (; zeros > 0 && places < 9; zeros--)
        places++;
    for (; at < n->end; at++) {
        if (n->p[at] == '.')
            continue;
        if (places < 9) {
            d.nine = d.nine * 10 + (uint32_t)(n->p[at] - '0');
            places++;
        } else if (n->p[at] != '0') {
            d.more = true;
            break;
        }
    }
    for (; places < 9; places++)
        d.nine *= 10;
    return d;
}

/* Half to even; the error in 1e-27, rounded up. */
static uint64_t round_units(u128 *units, struct dropped d)
{
    const uint32_t half = 500000000;

    if (d.nine == 0 && !d.more)
        return 0;
    if (d.nine > half || (d.nine == half && (d.more || (*units & 1) != 0))) {
        (*units)++;
        return 1000000000u - d.nine;
    }
    return (uint64_t)d.nine + (d.more ? 1 : 0);
}

static int parse_slow(mcp_str s, size_t start, bool minus, struct cost_money *out,
                      uint64_t *rounded)
{
    struct parts n;
    u128 units = 0;
    int64_t shift, keep;
    size_t at;
    struct dropped d;
    uint64_t error;

    if (take_apart(s, start, &n) < 0)
        return MCP_EINVAL;
    shift = n.scale + COST_MONEY_SCALE;
    keep = (int64_t)n.count + (shift < 0 ? shift : 0);
    if (n.count == 0)
        keep = 0;
    else if ((int64_t)n.count + shift > 39)
        return MCP_ERANGE;
    at = n.begin;
    for (int64_t k = 0; k < keep; at++) {
        if (n.p[at] == '.')
            continue;
        /* 39 digits at most: below 1e39, which 128 bits do not hold. */
        if (units > LIMIT / 10)
            return MCP_ERANGE;
        units = units * 10 + (unsigned)(n.p[at] - '0');
        k++;
    }
    for (; n.count > 0 && shift > 0; shift--) {
        if (units > LIMIT / 10)
            return MCP_ERANGE;
        units *= 10;
    }
    d = read_dropped(&n, at, keep < 0 ? (size_t)-keep : 0);
    error = round_units(&units, d);
    if (units >= LIMIT)
        return MCP_ERANGE;
    *out = signed_money(minus, units);
    if (rounded != NULL)
        *rounded = error;
    return 0;
}

/* The ordinary amount first: a sign, at most 18 digits, one point. Everything else is read again. */
int cost_money_parse(mcp_str s, struct cost_money *out, uint64_t *rounded)
{
    const char *p = s.ptr, *end = s.ptr + s.len, *digits, *point;
    bool minus = false;
    uint64_t value = 0;
    size_t fraction, count;

    if (s.len == 0)
        return MCP_EINVAL;
    if (*p == '-' || *p == '+')
        minus = *p++ == '-';
    digits = p;
    while (p < end && is_digit(*p))
        value = value * 10 + (uint64_t)(*p++ - '0');
    point = p;
    fraction = 0;
    count = (size_t)(p - digits);
    if (p < end && *p == '.') {
        p++;
        while (p < end && is_digit(*p))
            value = value * 10 + (uint64_t)(*p++ - '0');
        fraction = (size_t)(p - point) - 1;
        count += fraction;
    }
    if (p != end || count == 0 || count > FAST_DIGITS)
        return parse_slow(s, (size_t)(digits - s.ptr), minus, out, rounded);
    *out = signed_money(minus, (u128)value * pow10_64[COST_MONEY_SCALE - fraction]);
    if (rounded != NULL)
        *rounded = 0;
    return 0;
}

/* ---- printing ---- */

/* The digits of v into out, no NUL; at least min of them. */
static size_t put_digits(u128 v, size_t min, char *out)
{
    char text[40];
    size_t at = sizeof(text), n;

    while (v > UINT64_MAX) {
        uint64_t low = (uint64_t)(v % E18);

        v /= E18;
        for (int i = 0; i < 18; i++, low /= 10)
            text[--at] = (char)('0' + low % 10);
    }
    for (uint64_t rest = (uint64_t)v; rest != 0; rest /= 10)
        text[--at] = (char)('0' + rest % 10);
    while (sizeof(text) - at < min)
        text[--at] = '0';
    n = sizeof(text) - at;
    memcpy(out, text + at, n);
    return n;
}

/* value / 10^decimals with all its decimals, and a NUL. */
static size_t put_scaled(bool minus, u128 value, unsigned decimals, char *out)
{
    char digits[40];
    size_t n = put_digits(value, decimals + 1, digits), at = 0, whole = n - decimals;

    if (minus && value != 0)
        out[at++] = '-';
    memcpy(out + at, digits, whole);
    at += whole;
    if (decimals > 0) {
        out[at++] = '.';
        memcpy(out + at, digits + whole, decimals);
        at += decimals;
    }
    out[at] = '\0';
    return at;
}

/* Without the zeros behind the point. */
static size_t trim_zeros(char *text, size_t n)
{
    while (text[n - 1] == '0')
        n--;
    if (text[n - 1] == '.')
        n--;
    text[n] = '\0';
    return n;
}

size_t cost_money_format(struct cost_money m, char out[COST_MONEY_TEXT])
{
    return trim_zeros(out, put_scaled(m.units < 0, magnitude(m), COST_MONEY_SCALE, out));
}

void cost_money_put(struct mcp_buf *buf, struct cost_money m)
{
    char text[COST_MONEY_TEXT];

    mcp_buf_put(buf, text, cost_money_format(m, text));
}

size_t cost_money_format_rounded(struct cost_money m, int decimals, char out[COST_MONEY_TEXT])
{
    uint64_t unit;
    u128 v = magnitude(m), rest;

    MCP_BUG_ON(decimals < 0 || decimals > COST_MONEY_SCALE);
    unit = pow10_64[COST_MONEY_SCALE - decimals];
    rest = v % unit;
    v /= unit;
    if (rest * 2 > unit || (rest * 2 == unit && (v & 1) != 0))
        v++;
    return put_scaled(m.units < 0, v, (unsigned)decimals, out);
}

/* ---- sums ---- */

int cost_money_add(struct cost_money *sum, struct cost_money m)
{
    struct cost_money s;

    if (__builtin_add_overflow(sum->units, m.units, &s.units) || magnitude(s) >= LIMIT)
        return MCP_ERANGE;
    *sum = s;
    return 0;
}

int cost_money_sub(struct cost_money *sum, struct cost_money m)
{
    return cost_money_add(sum, cost_money_neg(m));
}

int cost_money_cmp(struct cost_money a, struct cost_money b)
{
    return (a.units > b.units) - (a.units < b.units);
}

struct cost_money cost_money_neg(struct cost_money m)
{
    return (struct cost_money){ -m.units };
}

struct cost_money cost_money_abs(struct cost_money m)
{
    return m.units < 0 ? cost_money_neg(m) : m;
}

/* ---- divisions ---- */

/* The next decimal digit of rest / whole; rest < whole < 1.7e38, so twice either still fits. */
static unsigned next_digit(u128 *rest, u128 whole)
{
    u128 acc = 0;
    unsigned digit = 0;

    for (int bit = 3; bit >= 0; bit--) {
        acc *= 2;
        digit *= 2;
        if (acc >= whole) {
            acc -= whole;
            digit++;
        }
        if ((10 >> bit & 1) != 0) {
            acc += *rest;
            if (acc >= whole) {
                acc -= whole;
                digit++;
            }
        }
    }
    *rest = acc;
    return digit;
}

/* part / whole * 10^lift to `decimals`, half even; digit by digit, as the quotient may have 45. */
static size_t ratio(struct cost_money part, struct cost_money whole, unsigned lift,
                    unsigned decimals, char out[COST_MONEY_TEXT])
{
    u128 w = magnitude(whole), p = magnitude(part), rest = p % w;
    char digits[48];
    size_t n = put_digits(p / w, 1, digits + 1) + 1, at = 0, i, point;
    bool zero = true;

    digits[0] = '0'; /* for a carry */
    for (i = 0; i < lift + decimals; i++)
        digits[n++] = (char)('0' + next_digit(&rest, w));
    if (rest * 2 > w || (rest * 2 == w && (digits[n - 1] & 1) != 0)) {
        for (i = n - 1; digits[i] == '9'; i--)
            digits[i] = '0';
        digits[i]++;
    }
    for (i = 0; i < n; i++)
        zero = zero && digits[i] == '0';
    point = n - decimals;
    for (i = 0; digits[i] == '0' && i + 1 < point;)
        i++;
    if (part.units < 0 && !zero)
        out[at++] = '-';
    memcpy(out + at, digits + i, point - i);
    at += point - i;
    out[at++] = '.';
    memcpy(out + at, digits + point, decimals);
    at += decimals;
    return trim_zeros(out, at);
}

bool cost_money_share(struct cost_money part, struct cost_money whole, char out[COST_MONEY_TEXT])
{
    if (whole.units <= 0)
        return false;
    ratio(part, whole, 0, 6, out);
    return true;
}

bool cost_money_percent(struct cost_money change, struct cost_money previous,
                        char out[COST_MONEY_TEXT])
{
    if (previous.units <= 0)
        return false;
    ratio(change, previous, 2, 2, out);
    return true;
}

double cost_money_double(struct cost_money m)
{
    return (double)m.units / 1e18;
}

int cost_money_from_double(double v, int decimals, struct cost_money *out)
{
    char text[COST_MONEY_TEXT];

    MCP_BUG_ON(decimals < 0 || decimals > COST_MONEY_SCALE);
    if (!isfinite(v) || fabs(v) >= 1.7e20)
        return MCP_ERANGE;
    snprintf(text, sizeof(text), "%.*f", decimals, v);
    return cost_money_parse(mcp_str_z(text), out, NULL);
}
