/* Decimal numbers of any size as text: comparison, integrality and divisibility without loss. */
#include <mcp/decimal.h>

#define EXPONENT_MAX ((int64_t)1000000000)

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits_end(mcp_str s, size_t i)
{
    while (i < s.len && is_digit(s.ptr[i]))
        i++;
    return i;
}

/* e, sign and digits from i to the end of s; -1 when they are not that. */
static int parse_exponent(mcp_str s, size_t i, int64_t *out)
{
    bool minus = false;
    int64_t value = 0;

    i++;
    if (i < s.len && (s.ptr[i] == '+' || s.ptr[i] == '-'))
        minus = s.ptr[i++] == '-';
    if (i == s.len || digits_end(s, i) != s.len)
        return -1;
    for (; i < s.len; i++) {
        value = value * 10 + (s.ptr[i] - '0');
        if (value > EXPONENT_MAX)
            value = EXPONENT_MAX;
    }
    *out = minus ? -value : value;
    return 0;
}

int mcp_decimal_parse(mcp_str s, struct mcp_decimal *out)
{
    size_t begin = s.len > 0 && s.ptr[0] == '-' ? 1 : 0;
    size_t point = digits_end(s, begin); /* where the whole part ends */
    size_t end = point;
    int64_t exponent = 0;

    if (point == begin || (s.ptr[begin] == '0' && point - begin > 1))
        return -1;
    if (end < s.len && s.ptr[end] == '.') {
        end = digits_end(s, point + 1);
        if (end == point + 1)
            return -1;
    }
    if (end < s.len && ((s.ptr[end] | 0x20) != 'e' || parse_exponent(s, end, &exponent) < 0))
        return -1;

    out->sign = begin == 1 ? -1 : 1;
    while (begin < end && (s.ptr[begin] == '0' || s.ptr[begin] == '.'))
        begin++;
    while (end > begin && (s.ptr[end - 1] == '0' || s.ptr[end - 1] == '.'))
        end--;
    if (begin == end) {
        *out = (struct mcp_decimal){ { s.ptr, 0 }, 0, 0 };
        return 0;
    }
    out->digits = mcp_str_n(s.ptr + begin, end - begin);
    /* Positions before the point count up, zeros skipped behind it count down. */
    exponent += begin < point ? (int64_t)(point - begin) : -(int64_t)(begin - point - 1);
    if (exponent > EXPONENT_MAX)
        exponent = EXPONENT_MAX;
    if (exponent < -EXPONENT_MAX)
        exponent = -EXPONENT_MAX;
    out->exponent = exponent;
    return 0;
}

/* The next digit of d from *i on, 0 behind the last. */
static char next_digit(mcp_str digits, size_t *i)
{
    if (*i < digits.len && digits.ptr[*i] == '.')
        (*i)++;
    return *i < digits.len ? digits.ptr[(*i)++] : '0';
}

static int cmp_magnitude(const struct mcp_decimal *a, const struct mcp_decimal *b)
{
    size_t i = 0, j = 0;

    if (a->exponent != b->exponent)
        return a->exponent < b->exponent ? -1 : 1;
    while (i < a->digits.len || j < b->digits.len) {
        char x = next_digit(a->digits, &i);
        char y = next_digit(b->digits, &j);

        if (x != y)
            return x < y ? -1 : 1;
    }
    return 0;
}

int mcp_decimal_cmp(const struct mcp_decimal *a, const struct mcp_decimal *b)
{
    if (a->sign != b->sign)
        return a->sign < b->sign ? -1 : 1;
    return a->sign == 0 ? 0 : a->sign * cmp_magnitude(a, b);
}

static int64_t digit_count(const struct mcp_decimal *d)
{
    bool pointed = mcp_str_find(d->digits, '.') != d->digits.len;

    return (int64_t)(d->digits.len - (pointed ? 1 : 0));
}

bool mcp_decimal_is_integer(const struct mcp_decimal *d)
{
    return d->sign == 0 || digit_count(d) <= d->exponent;
}

static uint64_t mul_mod(uint64_t a, uint64_t b, uint64_t m)
{
    return (uint64_t)((unsigned __int128)a * b % m);
}

bool mcp_decimal_is_multiple(const struct mcp_decimal *a, const struct mcp_decimal *b)
{
    int64_t zeros; /* powers of ten between the last digits of a and of b */
    uint64_t divisor = 0, rest = 0, power = 10;

    if (a->sign == 0)
        return true;
    zeros = (a->exponent - digit_count(a)) - (b->exponent - digit_count(b));
    /* The last digit of a is not 0, so nothing coarser divides it. */
    if (zeros < 0)
        return false;
    for (size_t i = 0; i < b->digits.len;)
        divisor = divisor * 10 + (uint64_t)(next_digit(b->digits, &i) - '0');
    for (size_t i = 0; i < a->digits.len;)
        rest = (mul_mod(rest, 10, divisor) + (uint64_t)(next_digit(a->digits, &i) - '0')) % divisor;
    for (; zeros > 0; zeros /= 2) {
        if (zeros % 2 != 0)
            rest = mul_mod(rest, power % divisor, divisor);
        power = mul_mod(power, power, divisor);
    }
    return rest == 0;
}
