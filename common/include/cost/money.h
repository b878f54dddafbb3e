/* Exact money and quantities: 128-bit integers at the scale 1e-18. */
#ifndef COST_MONEY_H
#define COST_MONEY_H

#include <mcp/buf.h>
#include <mcp/error.h>
#include <mcp/str.h>

/* units / 10^18; |value| < 1.7e20. Never a double, never rounded but in cost_money_parse (told). */
struct cost_money {
    __int128 units;
};
#define COST_MONEY_SCALE 18
#define COST_MONEY_TEXT 48 /* room for any printed amount and a NUL */
#define COST_MONEY_ZERO ((struct cost_money){ 0 })

/* The text of a JSON or CSV number (sign, digits, fraction, exponent; nothing around it). Digits
 * past 1e-18 are rounded half to even; *rounded (may be NULL) then says by how much at most: the
 * absolute error in units of 1e-27, 0 when exact. 0; MCP_EINVAL when it is no number; MCP_ERANGE. */
int cost_money_parse(mcp_str text, struct cost_money *out, uint64_t *rounded);
/* No exponent, no trailing zeros, never -0. The length. */
size_t cost_money_format(struct cost_money m, char out[COST_MONEY_TEXT]);
void cost_money_put(struct mcp_buf *buf, struct cost_money m);
/* Rounded half to even to `decimals` (0..18), always that many digits behind the point. */
size_t cost_money_format_rounded(struct cost_money m, int decimals, char out[COST_MONEY_TEXT]);

/* Checked sums: 0, or MCP_ERANGE with *sum unchanged. */
int cost_money_add(struct cost_money *sum, struct cost_money m);
int cost_money_sub(struct cost_money *sum, struct cost_money m);
int cost_money_cmp(struct cost_money a, struct cost_money b);
struct cost_money cost_money_neg(struct cost_money m);
struct cost_money cost_money_abs(struct cost_money m);
/* part / whole to 6 decimals, half even, as a decimal text without trailing zeros ("0.333333",
 * "0.5"); false when whole <= 0. */
bool cost_money_share(struct cost_money part, struct cost_money whole, char out[COST_MONEY_TEXT]);
/* change / previous * 100 to 2 decimals; false unless previous > 0. */
bool cost_money_percent(struct cost_money change, struct cost_money previous,
                        char out[COST_MONEY_TEXT]);
/* For forecasts only: money to double and back (to 2 decimals or as many as the currency has). */
double cost_money_double(struct cost_money m);
int cost_money_from_double(double v, int decimals, struct cost_money *out);

/* ISO 4217: the number of decimals of the minor unit, or -1 when the code is none (tokens, credits:
 * a virtual currency). */
int cost_currency_decimals(mcp_str code);

#endif
