/* One JSON object per line on stderr, through a bounded ring that never makes a caller wait. */
#ifndef MCP_LOG_H
#define MCP_LOG_H

#include <mcp/str.h>

enum mcp_log_level { MCP_LOG_DEBUG, MCP_LOG_INFO, MCP_LOG_WARN, MCP_LOG_ERROR, MCP_LOG_OFF };

/* A key and its value. Values are copied while the line is made. */
struct mcp_kv {
    const char *key;
    enum { MCP_KV_END, MCP_KV_T_STR, MCP_KV_T_INT, MCP_KV_T_BOOL } type;
    union {
        mcp_str str;
        int64_t integer;
        bool boolean;
    } value;
};
#define MCP_KV_STR(k, s) ((struct mcp_kv){ (k), MCP_KV_T_STR, { .str = (s) } })
#define MCP_KV_Z(k, z) ((struct mcp_kv){ (k), MCP_KV_T_STR, { .str = mcp_str_z(z) } })
#define MCP_KV_INT(k, i) ((struct mcp_kv){ (k), MCP_KV_T_INT, { .integer = (i) } })
#define MCP_KV_BOOL(k, b) ((struct mcp_kv){ (k), MCP_KV_T_BOOL, { .boolean = (b) } })

/* The lowest level that is written; default MCP_LOG_WARN. Arguments of a line below it are not
 * evaluated. Any thread. */
extern enum mcp_log_level mcp_log_level;
#define MCP_LOG(lvl, msg, ...)                                                                     \
    do {                                                                                           \
        if ((lvl) >= mcp_log_level)                                                                \
            mcp_log_write(                                                                         \
                (lvl), (msg),                                                                      \
                (const struct mcp_kv[]){ __VA_ARGS__{ NULL, MCP_KV_END, { .integer = 0 } } });     \
    } while (0)
/* mcp_info("upstream done", MCP_KV_INT("status", st),) : each pair ends in a comma. */
#define mcp_debug(msg, ...) MCP_LOG(MCP_LOG_DEBUG, msg, __VA_ARGS__)
#define mcp_info(msg, ...) MCP_LOG(MCP_LOG_INFO, msg, __VA_ARGS__)
#define mcp_warn(msg, ...) MCP_LOG(MCP_LOG_WARN, msg, __VA_ARGS__)
#define mcp_error_log(msg, ...) MCP_LOG(MCP_LOG_ERROR, msg, __VA_ARGS__)

/* kvs ends with MCP_KV_END. Written at once with one non-blocking write when the ring is empty and
 * stderr takes it; else kept in the ring (64 KiB), and the rest is dropped and counted. */
void mcp_log_write(enum mcp_log_level level, const char *msg, const struct mcp_kv *kvs);
/* The server drains the ring from its loop; at the end of a program once more, with a limit. */
void mcp_log_flush(unsigned limit_ms);
uint64_t mcp_log_dropped(void);
/* 0, or -1 when the word is no level. */
int mcp_log_level_parse(mcp_str word, enum mcp_log_level *out);

#endif
