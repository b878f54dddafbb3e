/* Borrowed ranges of bytes, passed by value like a number. */
#ifndef MCP_STR_H
#define MCP_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* ptr is borrowed and need not end in a NUL. An empty range has len 0 and any ptr; a missing value
 * (JSON null, absent member) has ptr NULL. */
typedef struct mcp_str {
    const char *ptr;
    size_t len;
} mcp_str;

#define MCP_STR(lit) ((mcp_str){ "" lit, sizeof(lit) - 1 })
#define MCP_STR_NULL ((mcp_str){ NULL, 0 })
/* For printf: "%.*s", MCP_STR_ARG(s). The length is clamped to what int can carry. */
#define MCP_STR_ARG(s) (int)((s).len > 0x7fffffff ? 0x7fffffff : (s).len), (s).ptr ? (s).ptr : ""

static inline mcp_str mcp_str_n(const char *ptr, size_t len)
{
    return (mcp_str){ ptr, len };
}

/* z: NUL-terminated or NULL (gives the missing value). */
static inline mcp_str mcp_str_z(const char *z)
{
    return (mcp_str){ z, z == NULL ? 0 : strlen(z) };
}

static inline bool mcp_str_is_null(mcp_str s)
{
    return s.ptr == NULL;
}

/* Two ranges are equal when their bytes are; a missing value equals an empty one. */
static inline bool mcp_str_eq(mcp_str a, mcp_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* ASCII letters fold, other bytes compare as they are. */
bool mcp_str_eq_nocase(mcp_str a, mcp_str b);
/* Order by unsigned bytes, a prefix first: negative, 0, positive. */
int mcp_str_cmp(mcp_str a, mcp_str b);
bool mcp_str_starts(mcp_str s, mcp_str prefix);
bool mcp_str_ends(mcp_str s, mcp_str suffix);
/* On a match moves *s past the prefix and returns true; else leaves it. */
bool mcp_str_cut_prefix(mcp_str *s, mcp_str prefix);
bool mcp_str_cut_prefix_nocase(mcp_str *s, mcp_str prefix);
/* Splits at the first sep: *head is what stands before it, *s what follows. Without sep *head is
 * the whole, *s becomes missing and false is returned. */
bool mcp_str_cut(mcp_str *s, char sep, mcp_str *head);
/* A copy on the heap with a NUL behind it, the caller's to free; NULL without memory. */
char *mcp_str_dup(mcp_str s);
/* Without the spaces and tabs at both ends. */
mcp_str mcp_str_trim(mcp_str s);
/* The first max bytes at most, cut before a character that would not be whole. */
mcp_str mcp_str_head(mcp_str s, size_t max);
/* The offset of the first c, or s.len. */
size_t mcp_str_find(mcp_str s, char c);
/* Decimal digits with an optional minus and nothing else: 0, or -1 when s is not that or does not
 * fit. */
int mcp_str_int64(mcp_str s, int64_t *out);
/* Well-formed UTF-8 by RFC 3629 (no surrogates, no overlong forms). */
bool mcp_str_is_utf8(mcp_str s);
/* Edit distance (Levenshtein, ASCII case folded) for "did you mean"; gives up with max + 1 when it
 * is larger than max. Bounded to 64 bytes each: longer ranges are max + 1 apart. */
unsigned mcp_str_distance(mcp_str a, mcp_str b, unsigned max);
/* XXH3 of the bytes: for tables in memory, not for files or secrets. */
uint64_t mcp_str_hash(mcp_str s);

#endif
