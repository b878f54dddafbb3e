/* Answers that are given to the caller in pieces, while they come. */
#include "mcp/upstream/stream.h"

#include "mcp/proto/call_internal.h"
#include "mcp/upstream/room.h"

#include <curl/curl.h>
#include <stdlib.h>

bool mcp__stream_begins(const struct mcp__transfer *t)
{
    const char *type = NULL;
    long status = 0;
    mcp_str rest;

    if (t->stream_type == NULL ||
        curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK || status != 200 ||
        curl_easy_getinfo(t->easy, CURLINFO_CONTENT_TYPE, &type) != CURLE_OK || type == NULL)
        return false;
    rest = mcp_str_z(type);
    return mcp_str_cut_prefix_nocase(&rest, mcp_str_z(t->stream_type)) &&
           (rest.len == 0 || rest.ptr[0] == ';' || rest.ptr[0] == ' ');
}

void mcp__stream_wake(struct mcp__transfer *t)
{
    t->group->ready = true;
    pthread_cond_broadcast(&t->group->call->wake);
}

int mcp__stream_give(struct mcp__transfer *t, const struct mcp_http_req *req)
{
    struct mcp_call *call = t->group->call;
    size_t len = 0, taken = 0;
    char *bytes = NULL;
    int rc = 0;

    pthread_mutex_lock(&call->lock);
    if (t->streaming)
        bytes = mcp__transfer_take_answer(t, &len, &taken);
    pthread_mutex_unlock(&call->lock);
    mcp__room_give(taken);
    if (len > 0)
        rc = req->on_piece(req->ctx, mcp_str_n(bytes, len));
    free(bytes);
    return rc;
}
