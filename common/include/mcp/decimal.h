/* Decimal numbers of any size as text: comparison and integrality without loss. */
#ifndef MCP_DECIMAL_H
#define MCP_DECIMAL_H

#include <mcp/str.h>

/* A JSON number's text, taken apart: value = sign * 0.digits * 10^exponent, digits without leading
 * or trailing zeros (zero has none). digits is borrowed from the text and may hold one '.', which
 * counts for nothing. */
struct mcp_decimal {
    mcp_str digits;
    int64_t exponent;
    int sign; /* -1, 0, 1 */
};

/* The grammar of a JSON number, nothing around it: 0, else -1. Exponents beyond +-10^9 are cut to
 * that. */
int mcp_decimal_parse(mcp_str text, struct mcp_decimal *out);
int mcp_decimal_cmp(const struct mcp_decimal *a, const struct mcp_decimal *b);
bool mcp_decimal_is_integer(const struct mcp_decimal *d);
/* a is a whole number of times b. b: not zero, at most MCP_DECIMAL_DIVISOR_DIGITS digits. */
#define MCP_DECIMAL_DIVISOR_DIGITS 18
bool mcp_decimal_is_multiple(const struct mcp_decimal *a, const struct mcp_decimal *b);

#endif
