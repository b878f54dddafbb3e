/* How a client and a server agree: discover first, initialize when that says nothing. */
#include "mcp/client/handshake.h"

#include "mcp/client/message.h"

#define VERSIONS_MAX 64 /* of a server's list that are looked at */

/* What the answer to a probe means. */
enum verdict {
    VERDICT_MODERN, /* it speaks our modern revision */
    VERDICT_LEGACY, /* it knows nothing of it, or names legacy revisions only */
    VERDICT_AGAIN, /* it refuses what it says it speaks: once more */
    VERDICT_SILENT, /* no answer yet: legacy, unless it refuses that */
    VERDICT_FAILED, /* the error says why */
};

/* ---- what the server says of itself --------------------------------------------------------------- */

static mcp_str text_of(struct mcp_client *client, struct mcp_json object, mcp_str member)
{
    struct mcp_arena *arena = client->arena;
    mcp_str s = mcp_json_get_str(object, member, arena);
    char *copy = mcp_str_is_null(s) ? NULL : mcp_arena_try(arena, s.len + 1);

    if (copy == NULL)
        return MCP_STR_NULL;
    memcpy(copy, s.ptr, s.len);
    return mcp_str_n(copy, s.len);
}

static void learn_server(struct mcp_client *client, struct mcp_json result, struct mcp_json info,
                         enum mcp_revision rev)
{
    struct mcp_client_server *s = &client->server;
    mcp_str capabilities = mcp_json_raw(mcp_json_get(result, MCP_STR("capabilities")));
    char *copy = mcp_arena_try(client->arena, capabilities.len + 1);

    client->modern = s->modern = rev == MCP_REV_MODERN;
    s->revision = mcp__revisions[rev].name;
    s->name = text_of(client, info, MCP_STR("name"));
    s->title = text_of(client, info, MCP_STR("title"));
    s->version = text_of(client, info, MCP_STR("version"));
    s->instructions = text_of(client, result, MCP_STR("instructions"));
    s->capabilities = MCP_STR("{}");
    if (copy != NULL) {
        memcpy(copy, capabilities.ptr, capabilities.len);
        s->capabilities = mcp_str_n(copy, capabilities.len);
    }
}

/* ---- the probe ------------------------------------------------------------------------------------- */

/* Ours among a server's versions. */
struct common {
    bool modern, legacy;
    char names[160]; /* what the server lists, for people */
};

static void find_common(struct mcp_json versions, struct common *c)
{
    struct mcp_buf names;
    struct mcp_json_iter it = mcp_json_iter(versions);

    mcp_buf_init(&names, 256);
    for (unsigned n = 0; n < VERSIONS_MAX && mcp_json_next(&it); n++) {
        for (int rev = 0; rev < MCP_N_REVISIONS; rev++) {
            if (!mcp_json_str_eq(it.value, mcp__revisions[rev].name))
                continue;
            c->modern = c->modern || rev == MCP_REV_MODERN;
            c->legacy = c->legacy || rev != MCP_REV_MODERN;
        }
        mcp_buf_z(&names, n == 0 ? "" : ", ");
        mcp_buf_str(&names, mcp_json_raw(it.value));
    }
    if (names.len > 0) {
        mcp_str shown = mcp_str_head(mcp_buf_view(&names), sizeof(c->names) - 1);

        memcpy(c->names, shown.ptr, shown.len);
    }
    mcp_buf_release(&names);
}

static int no_common(const struct common *c, struct mcp_error *err)
{
    return mcp_error_set(err, MCP_EVERSION,
                         "the server speaks the revisions %s of MCP, none of which this client "
                         "may use",
                         c->names[0] == '\0' ? "(none)" : c->names);
}

static enum verdict judge_versions(struct mcp_json versions, bool refused, struct mcp_error *err)
{
    struct common c = { .modern = false };

    find_common(versions, &c);
    if (c.modern && !refused)
        return VERDICT_MODERN;
    if (c.legacy && !c.modern)
        return VERDICT_LEGACY;
    no_common(&c, err);
    return c.modern ? VERDICT_AGAIN : VERDICT_FAILED;
}

/* Of an exchange that took place. */
static enum verdict judge(struct mcp_call *call, struct mcp_client *client,
                          const struct mcp__reply *reply, struct mcp_error *err)
{
    struct mcp_json versions = mcp_json_get(reply->result, MCP_STR("supportedVersions"));
    int status = reply->answer.status;

    if (mcp_json_type(versions) == MCP_JSON_ARRAY &&
        mcp_json_type(mcp_json_get(reply->result, MCP_STR("capabilities"))) == MCP_JSON_OBJECT)
        return judge_versions(versions, false, err);
    versions = mcp_json_path(reply->error, "data.supported");
    if (mcp__reply_code(reply) == mcp_err_rpc(MCP_EVERSION) &&
        mcp_json_type(versions) == MCP_JSON_ARRAY)
        return judge_versions(versions, true, err);
    /* Neither says anything of the era. */
    if (status == 401 || status == 403 || status == 429 || status == 503) {
        mcp__reply_refuse(call, client, reply, NULL, err);
        return VERDICT_FAILED;
    }
    return VERDICT_LEGACY;
}

/* Of one that did not; *err is set. */
static enum verdict judge_failure(struct mcp_call *call, struct mcp_client *client, int rc,
                                  struct mcp_error *err)
{
    struct mcp_error reason = { .err = MCP_OK };

    if (rc == MCP_EDEADLINE && mcp_call_remaining_ms(call) > 0) {
        mcp_error_clear(err);
        return VERDICT_SILENT;
    }
    if (rc == MCP_EDATA || rc == MCP_ETOOBIG) {
        mcp_error_clear(err);
        return VERDICT_LEGACY;
    }
    /* A server that ends at what it does not know is asked by another start of it. */
    if (rc == MCP_EUNAVAILABLE && client->child != NULL && mcp__child_gone(client->child)) {
        mcp__child_stop(client->child);
        client->child = NULL;
        rc = mcp__child_start(&client->spec, &client->child, &reason);
        if (rc == 0) {
            mcp_error_clear(err);
            return VERDICT_LEGACY;
        }
    }
    return VERDICT_FAILED;
}

static enum verdict probe_once(struct mcp_call *call, struct mcp_client *client,
                               unsigned timeout_ms, struct mcp_error *err)
{
    const struct mcp__exchange x = { .method = MCP_STR("server/discover"),
                                     .modern = true,
                                     .opening = true,
                                     .repeatable = true,
                                     .timeout_ms = timeout_ms };
    struct mcp__reply reply;
    enum verdict verdict;
    int rc = mcp__exchange(call, client, &x, &reply, err);

    if (rc < 0)
        return judge_failure(call, client, rc, err);
    verdict = judge(call, client, &reply, err);
    if (verdict == VERDICT_MODERN)
        learn_server(client, reply.result,
                     mcp_json_get(mcp_json_get(reply.result, MCP_STR("_meta")),
                                  MCP_STR(MCP__META_PREFIX "serverInfo")),
                     MCP_REV_MODERN);
    else if (verdict == VERDICT_LEGACY && client->era == MCP_CLIENT_MODERN) {
        if (mcp_json_exists(reply.error) || client->child == NULL)
            mcp__reply_refuse(call, client, &reply, NULL, err);
        verdict = VERDICT_FAILED;
    }
    return verdict;
}

static enum verdict probe(struct mcp_call *call, struct mcp_client *client, unsigned timeout_ms,
                          struct mcp_error *err)
{
    enum verdict verdict = probe_once(call, client, timeout_ms, err);

    if (verdict == VERDICT_AGAIN) {
        mcp_error_clear(err);
        verdict = probe_once(call, client, timeout_ms, err);
    }
    return verdict == VERDICT_AGAIN ? VERDICT_FAILED : verdict;
}

/* ---- initialize ------------------------------------------------------------------------------------ */

static int take_initialized(struct mcp_client *client, const struct mcp__reply *reply, bool first,
                            struct mcp_arena *arena, struct mcp_error *err)
{
    mcp_str version = mcp_json_get_str(reply->result, MCP_STR("protocolVersion"), arena);
    mcp_str session = reply->answer.session;
    enum mcp_revision rev;

    if (mcp_str_is_null(version) ||
        mcp_json_type(mcp_json_get(reply->result, MCP_STR("capabilities"))) != MCP_JSON_OBJECT)
        return mcp_error_set(err, MCP_EDATA, "the server's answer to initialize is none of MCP");
    if (mcp__revision_parse(version, &rev) != 0 || rev == MCP_REV_MODERN)
        return mcp_error_set(err, MCP_EVERSION,
                             "the server wants revision %.*s of MCP, which this client cannot use",
                             MCP_STR_ARG(mcp_str_head(version, 64)));
    if (first)
        learn_server(client, reply->result, mcp_json_get(reply->result, MCP_STR("serverInfo")),
                     rev);
    pthread_mutex_lock(&client->lock);
    client->rev = rev;
    client->session_len = session.len;
    if (session.len > 0)
        memcpy(client->session, session.ptr, session.len);
    client->generation++;
    pthread_mutex_unlock(&client->lock);
    return 0;
}

/* *code: of the server's refusal, 0 for anything else. */
static int initialize(struct mcp_call *call, struct mcp_client *client, bool first, int *code,
                      struct mcp_error *err)
{
    struct mcp__exchange x = { .method = MCP_STR("initialize"),
                               .opening = true,
                               .repeatable = true,
                               .timeout_ms = client->timeout_ms };
    struct mcp__reply reply;
    struct mcp_buf params;
    int rc;

    *code = 0;
    mcp_buf_init(&params, 65536);
    mcp__message_initialize_params(&params, mcp__revisions[MCP_REV_LATEST_LEGACY].name,
                                   client->name, client->version);
    rc = mcp_buf_error(&params);
    if (rc < 0) {
        mcp_error_set(err, MCP_EINVAL, "the name or version of this client is too long");
        goto out;
    }
    x.params = mcp_buf_view(&params);
    rc = mcp__exchange(call, client, &x, &reply, err);
    if (rc < 0)
        goto out;
    if (!mcp_json_exists(reply.result)) {
        *code = mcp__reply_code(&reply);
        rc = mcp__reply_refuse(call, client, &reply, NULL, err);
        goto out;
    }
    rc = take_initialized(client, &reply, first, mcp_call_arena(call), err);
    if (rc == 0)
        rc = mcp__notify(call, client, MCP_STR("notifications/initialized"), err);
out:
    mcp_buf_release(&params);
    return rc;
}

/* A session that was lost, by its generation. */
struct loss {
    struct mcp_client *client; /* borrowed */
    unsigned generation;
};

static int renew(struct mcp_call *call, void *ctx, mcp_str *value, struct mcp_error *err)
{
    const struct loss *loss = ctx;
    struct mcp_client *client = loss->client;
    unsigned now;
    int code;

    pthread_mutex_lock(&client->lock);
    now = client->generation;
    pthread_mutex_unlock(&client->lock);
    *value = MCP_STR("");
    return now != loss->generation ? 0 : initialize(call, client, false, &code, err);
}

int mcp__handshake_renew(struct mcp_call *call, struct mcp_client *client, unsigned generation,
                         struct mcp_error *err)
{
    struct loss loss = { .client = client, .generation = generation };
    mcp_str nothing;

    /* All who find it lost need one new session, not one each. */
    return mcp_once(call,
                    mcp_arena_printf(mcp_call_arena(call), "session of client %p", (void *)client),
                    renew, &loss, &nothing, err);
}

int mcp__handshake(struct mcp_call *call, struct mcp_client *client, struct mcp_error *err)
{
    enum verdict verdict = VERDICT_LEGACY;
    struct mcp_error own = { .err = MCP_OK };
    int rc, code;

    if (err == NULL)
        err = &own;
    if (client->era != MCP_CLIENT_LEGACY)
        verdict =
            probe(call, client,
                  client->era == MCP_CLIENT_MODERN ? client->timeout_ms : client->probe_ms, err);
    if (verdict == VERDICT_MODERN)
        return 0;
    if (verdict != VERDICT_FAILED && client->era == MCP_CLIENT_MODERN)
        return mcp_error_set(err, MCP_EVERSION, "the server does not speak revision %s of MCP",
                             mcp__revisions[MCP_REV_MODERN].name.ptr);
    if (verdict == VERDICT_FAILED)
        return err->err == MCP_OK ? MCP_EVERSION : (int)err->err;
    rc = initialize(call, client, true, &code, err);
    /* It was only slow to start, and is of the modern era after all. */
    if (rc < 0 && verdict == VERDICT_SILENT &&
        (code == mcp_err_rpc(MCP_EVERSION) || code == mcp_err_rpc(MCP_EMETHOD))) {
        mcp_error_clear(err);
        verdict = probe(call, client, client->timeout_ms, err);
        if (verdict == VERDICT_MODERN)
            return 0;
        if (verdict != VERDICT_FAILED)
            mcp_error_set(err, MCP_EVERSION,
                          "the server answers neither server/discover nor "
                          "initialize");
        return (int)err->err;
    }
    return rc;
}
