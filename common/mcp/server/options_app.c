/* The rows of struct mcp_app_config: transport, auth, limits, times, logging. */
#include <mcp/options.h>

#define ROW(opt_type, opt_name, field, ...)                                                        \
    MCP_OPT(opt_type, opt_name, struct mcp_app_config, field, __VA_ARGS__)

#define KIB INT64_C(1024)
#define MIB (INT64_C(1024) * KIB)
#define SECOND INT64_C(1000)
#define HOUR (INT64_C(3600) * SECOND)

const struct mcp_opt mcp_app_opts[] = {
    ROW(MCP_OPT_HTTP, "http", http, .env = "MCP_HTTP", .group = "Transport",
        .help = "serve Streamable HTTP at /mcp instead of stdio; without HOST on loopback, without "
                "a value at the variable PORT or 127.0.0.1:8080"),
    ROW(MCP_OPT_ENUM, "auth", auth, .fallback = "none", .words = "none|token|platform",
        .env = "MCP_AUTH", .group = "Transport",
        .help = "who checks HTTP callers: none (loopback only), token (http_token), or the "
                "platform in front"),
    ROW(MCP_OPT_STR, "http_token", http_token, .env = "MCP_HTTP_TOKEN", .group = "Transport",
        .flags = MCP_OPT_SECRET,
        .help = "what callers send as Authorization: Bearer, 32 bytes or "
                "more"),
    ROW(MCP_OPT_LIST, "allowed_hosts", allowed_hosts, .env = "MCP_ALLOWED_HOSTS", .arg = "HOST,...",
        .group = "Transport",
        .help = "Host names accepted besides loopback's; needed for any other bind"),
    ROW(MCP_OPT_LIST, "allowed_origins", allowed_origins, .env = "MCP_ALLOWED_ORIGINS",
        .arg = "ORIGIN,...", .group = "Transport",
        .help = "Origins of browsers accepted besides loopback's"),
    ROW(MCP_OPT_STR, "state_key", state_key, .env = "MCP_STATE_KEY", .group = "Transport",
        .flags = MCP_OPT_SECRET,
        .help = "seals cursors, the same on all instances, 32 bytes or more; without it a key of "
                "this user or process"),
    ROW(MCP_OPT_MS, "deadline", deadline_ms, .fallback = "20s", .min = 100, .max = 290 * SECOND,
        .env = "MCP_DEADLINE", .group = "Limits", .help = "time for one tool call"),
    ROW(MCP_OPT_BYTES, "max_body_bytes", max_body_bytes, .fallback = "4MiB", .min = KIB,
        .max = 64 * MIB, .env = "MCP_MAX_BODY_BYTES", .group = "Limits",
        .help = "largest message taken in"),
    ROW(MCP_OPT_BYTES, "max_header_bytes", max_header_bytes, .fallback = "16KiB", .min = KIB,
        .max = MIB, .env = "MCP_MAX_HEADER_BYTES", .group = "Limits",
        .help = "all header fields of one request"),
    ROW(MCP_OPT_INT, "max_connections", max_connections, .fallback = "1000", .min = 1,
        .max = 100000, .env = "MCP_MAX_CONNECTIONS", .group = "Limits",
        .help = "open HTTP connections"),
    ROW(MCP_OPT_INT, "max_sessions", max_sessions, .fallback = "1000", .min = 1, .max = 100000,
        .env = "MCP_MAX_SESSIONS", .group = "Limits",
        .help = "sessions of clients of the older "
                "protocol revisions"),
    ROW(MCP_OPT_BYTES, "max_replay_bytes", max_replay_bytes, .fallback = "16MiB", .min = KIB,
        .max = 1024 * MIB, .env = "MCP_MAX_REPLAY_BYTES", .group = "Limits",
        .help = "events kept for clients of these revisions that lost their connection"),
    ROW(MCP_OPT_INT, "max_queue", max_queue, .fallback = "256", .min = 1, .max = 100000,
        .env = "MCP_MAX_QUEUE", .group = "Limits", .help = "calls waiting for a worker"),
    ROW(MCP_OPT_BYTES, "max_upstream_bytes_total", max_upstream_bytes_total, .fallback = "64MiB",
        .min = MIB, .max = 64 * 1024 * MIB, .env = "MCP_MAX_UPSTREAM_BYTES_TOTAL",
        .group = "Limits", .help = "all upstream answers held at one time"),
    ROW(MCP_OPT_INT, "max_json_tokens", max_json_tokens, .fallback = "262144", .min = 256,
        .max = 16 * MIB, .env = "MCP_MAX_JSON_TOKENS", .group = "Limits",
        .help = "values in one message"),
    ROW(MCP_OPT_MS, "header_timeout", header_timeout_ms, .fallback = "10s", .min = 100, .max = HOUR,
        .env = "MCP_HEADER_TIMEOUT", .group = "Limits",
        .help = "time for a request's header fields to arrive"),
    ROW(MCP_OPT_MS, "idle_timeout", idle_timeout_ms, .fallback = "75s", .min = 100, .max = HOUR,
        .env = "MCP_IDLE_TIMEOUT", .group = "Limits", .help = "time an idle connection stays open"),
    ROW(MCP_OPT_MS, "session_idle", session_idle_ms, .fallback = "30m", .min = 1000,
        .max = 24 * HOUR, .env = "MCP_SESSION_IDLE", .group = "Limits",
        .help = "time an unused session is kept"),
    ROW(MCP_OPT_INT, "workers", workers, .fallback = "80", .min = 1, .max = 1000,
        .env = "MCP_WORKERS", .group = "Limits", .help = "calls running at one time"),
    ROW(MCP_OPT_MS, "task_after", task_after_ms, .fallback = "10s", .min = 10, .max = HOUR,
        .env = "MCP_TASK_AFTER", .group = "Limits",
        .help = "a call that takes longer becomes a task, where the client knows tasks"),
    ROW(MCP_OPT_MS, "task_deadline", task_deadline_ms, .fallback = "300s", .min = 100, .max = HOUR,
        .env = "MCP_TASK_DEADLINE", .group = "Limits", .help = "time for a task"),
    ROW(MCP_OPT_INT, "max_tasks", max_tasks, .fallback = "1000", .min = 1, .max = 100000,
        .env = "MCP_MAX_TASKS", .group = "Limits", .help = "tasks kept"),
    ROW(MCP_OPT_BYTES, "max_task_bytes", max_task_bytes, .fallback = "64MiB", .min = KIB,
        .max = 1024 * MIB, .env = "MCP_MAX_TASK_BYTES", .group = "Limits",
        .help = "all results of tasks kept"),
    ROW(MCP_OPT_INT, "cpu_slots", cpu_slots, .fallback = "0", .min = 0, .max = 1000,
        .env = "MCP_CPU_SLOTS", .group = "Limits",
        .help = "calls computing at one time; 0: one per core"),
    ROW(MCP_OPT_ENUM, "text", text, .fallback = "table", .words = "table|json", .env = "MCP_TEXT",
        .group = "Output", .help = "the text of an answer: a short table, or the data as JSON"),
    ROW(MCP_OPT_ENUM, "log_level", log_level, .fallback = "warn",
        .words = "debug|info|warn|error|off", .env = "MCP_LOG", .group = "Output",
        .help = "lowest level of log lines on stderr"),
    ROW(MCP_OPT_STR, "now", now, .arg = "TIME", .group = "Output", .env = "MCP_NOW",
        .help = "take this RFC 3339 instant for the present (tests)"),
};

const size_t mcp_n_app_opts = sizeof(mcp_app_opts) / sizeof(mcp_app_opts[0]);
