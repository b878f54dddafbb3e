/* /health, /health/live and /health/ready: for load balancers and containers; status only. */
#include "mcp/server/health.h"

static void answer(struct mcp_http_reply *reply, int status, const char *word)
{
    reply->status = status;
    reply->content_type = "application/json";
    mcp_buf_z(&reply->headers, "Cache-Control: no-store\r\n");
    mcp_buf_printf(&reply->body, "{\"status\":\"%s\"}\n", word);
}

void mcp__health_live(void *ctx, const struct mcp_http_head *head, struct mcp_http_reply *reply)
{
    (void)ctx;
    (void)head;
    answer(reply, 200, "ok");
}

void mcp__health_ready(void *ctx, const struct mcp_http_head *head, struct mcp_http_reply *reply)
{
    struct mcp_serve *serve = ctx;
    bool ending = atomic_load(&serve->stopping);

    (void)head;
    answer(reply, ending ? 503 : 200, ending ? "ending" : "ok");
}
