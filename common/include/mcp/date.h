/* Civil dates and instants, proleptic Gregorian, without libc's time functions. */
#ifndef MCP_DATE_H
#define MCP_DATE_H

#include <mcp/str.h>

/* A date is the number of days since 1970-01-01 (int32_t, negative before); an instant is seconds
 * since then in UTC (int64_t). Years 0001 to 9999. */
struct mcp_civil {
    int year;
    int month; /* 1..12 */
    int day; /* 1..31 */
};

int32_t mcp_date_from_civil(struct mcp_civil c);
struct mcp_civil mcp_date_civil(int32_t date);
bool mcp_civil_valid(struct mcp_civil c);
int mcp_date_days_in_month(int year, int month);
/* Monday is 1, Sunday 7. */
int mcp_date_weekday(int32_t date);
/* The day `months` later (or earlier), clamped to that month's end: 31 January + 1 = 28 February;
 * outside the years 0001 to 9999 their first or last day. */
int32_t mcp_date_add_months(int32_t date, int months);
int32_t mcp_date_month_start(int32_t date);
int32_t mcp_date_month_end(int32_t date); /* the last day, inclusive */

/* Exactly YYYY-MM-DD of a day that exists: 0, else -1. */
int mcp_date_parse(mcp_str s, int32_t *out);
/* RFC 3339, also with a space for the T, without seconds' fraction or with one (cut, not rounded),
 * and without zone or with " UTC" (both UTC) when lax; a bare YYYY-MM-DD is that day's start when
 * lax.
 * 0, else -1. 24:00:00 and leap seconds (:60) are taken as the next second. */
int mcp_instant_parse(mcp_str s, bool lax, int64_t *out);

#define MCP_DATE_LEN 10 /* YYYY-MM-DD, no NUL */
#define MCP_INSTANT_LEN 20 /* YYYY-MM-DDTHH:MM:SSZ, no NUL */
/* Write that many bytes and a NUL. What lies outside the years 0001 to 9999 is written as the nearest
 * that does not. */
void mcp_date_format(int32_t date, char out[MCP_DATE_LEN + 1]);
void mcp_instant_format(int64_t instant, char out[MCP_INSTANT_LEN + 1]);
/* The day an instant falls on in UTC (floor). */
int32_t mcp_instant_date(int64_t instant);

#endif
