/* Access tokens for Google by the order of Application Default Credentials, refreshed in time. */
#include "credentials.h"

#include "metadata.h"
#include "token.h"

#include <mcp/secret.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MAX_SCOPES 4
#define MARGIN_S 300 /* a token is refreshed so long before its end */
#define GOOD_S 60 /* and not handed out in its last minute */
#define AGAIN_S 30 /* after a refresh that failed while the old token was good */
#define GOOGLE "googleapis.com"

/* One token by its scope; all under the lock. Instants are real seconds: --now moves no token. */
struct entry {
    char scope[256];
    struct mcp_secret token;
    int64_t refresh_at, good_until;
    int64_t again_at; /* not before */
    bool refreshing; /* a call is at it, the others use the old one */
    bool self_signed;
};

/* The file is read again at every refresh: a key that was changed is found, and none is kept. */
struct gcp_credentials {
    const struct gcp_config *config; /* borrowed */
    pthread_mutex_t lock; /* guards all below */
    struct entry entries[MAX_SCOPES];
    size_t n_entries;
    bool grant; /* self-signed tokens were refused: ask for Google's */
    bool known; /* the next four are what a token's credentials say */
    mcp_str quota_project, project, universe, describe; /* in arena */
    struct mcp_arena *arena; /* owned; only grows when they change */
};

static int64_t real_now(void)
{
    return (int64_t)time(NULL);
}

struct gcp_credentials *gcp_credentials_new(const struct gcp_config *config)
{
    struct gcp_credentials *creds = calloc(1, sizeof(*creds));

    if (creds == NULL)
        return NULL;
    creds->arena = mcp_arena_new(0, 0);
    if (creds->arena == NULL) {
        free(creds);
        return NULL;
    }
    creds->config = config;
    pthread_mutex_init(&creds->lock, NULL);
    return creds;
}

void gcp_credentials_free(struct gcp_credentials *creds)
{
    if (creds == NULL)
        return;
    for (size_t i = 0; i < creds->n_entries; i++)
        mcp_secret_release(&creds->entries[i].token);
    mcp_arena_free(creds->arena);
    pthread_mutex_destroy(&creds->lock);
    free(creds);
}

/* Under the lock; NULL when there are too many scopes. */
static struct entry *entry_of(struct gcp_credentials *creds, mcp_str scope)
{
    struct entry *e;

    for (size_t i = 0; i < creds->n_entries; i++) {
        if (mcp_str_eq(mcp_str_z(creds->entries[i].scope), scope))
            return &creds->entries[i];
    }
    if (creds->n_entries == MAX_SCOPES || scope.len >= sizeof(e->scope))
        return NULL;
    e = &creds->entries[creds->n_entries++];
    memcpy(e->scope, scope.ptr, scope.len);
    return e;
}

/* Under the lock: the entry's token into the call's arena. */
static mcp_str token_copy(const struct entry *e, struct mcp_arena *arena)
{
    mcp_str token = mcp_arena_str(arena, mcp_secret_view(&e->token));

    gcp_wipe_later(arena, token);
    return token;
}

/* Under the lock. */
static void remember(struct gcp_credentials *creds, mcp_str *what, mcp_str value)
{
    if (!mcp_str_eq(*what, value) || mcp_str_is_null(*what) != mcp_str_is_null(value))
        *what = mcp_arena_str(creds->arena, value);
}

static mcp_str first_of(mcp_str a, mcp_str b)
{
    return a.len > 0 ? a : b;
}

/* What a machine knows of itself is asked once. */
static int ask_machine(struct gcp_credentials *creds, struct mcp_call *call, struct gcp_adc *adc,
                       struct mcp_error *err)
{
    bool known;
    int rc;

    pthread_mutex_lock(&creds->lock);
    known = creds->known;
    if (known) {
        adc->project = creds->project;
        adc->universe = creds->universe;
    }
    pthread_mutex_unlock(&creds->lock);
    if (known || adc->kind != GCP_KIND_METADATA)
        return 0;
    rc = gcp_metadata_text(creds->config, call, "project/project-id", &adc->project, err);
    if (rc == 0)
        rc =
            gcp_metadata_text(creds->config, call, "universe/universe-domain", &adc->universe, err);
    return rc;
}

/* A token of one universe is worth nothing in another. */
static int check_universe(const struct gcp_config *config, const struct gcp_adc *adc,
                          struct mcp_error *err)
{
    mcp_str wanted = config->universe_domain, has = first_of(adc->universe, MCP_STR(GOOGLE));

    if (wanted.len == 0 || mcp_str_eq(wanted, has))
        return 0;
    if (adc->universe.len == 0 && adc->kind != GCP_KIND_SERVICE_ACCOUNT)
        return 0; /* these files need not say */
    mcp_error_set(err, MCP_ECONFIG,
                  "the credentials belong to the universe %.*s, the settings say %.*s",
                  MCP_STR_ARG(mcp_str_head(has, 80)), MCP_STR_ARG(mcp_str_head(wanted, 80)));
    return mcp_error_next(err, "Correct GOOGLE_CLOUD_UNIVERSE_DOMAIN or the credentials file.");
}

/* As the service account that the settings name, by the token that was had. */
static int act_as(struct gcp_credentials *creds, struct mcp_call *call,
                  const struct gcp_token_order *order, struct gcp_adc *adc, struct gcp_token *token,
                  struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    mcp_str universe =
        first_of(adc->universe, first_of(creds->config->universe_domain, MCP_STR(GOOGLE)));
    struct gcp_token by = *token;
    mcp_str url = mcp_arena_printf(
        arena, "https://iamcredentials.%.*s/v1/projects/-/serviceAccounts/%.*s:generateAccessToken",
        MCP_STR_ARG(universe), MCP_STR_ARG(creds->config->impersonate));

    adc->describe = mcp_arena_printf(arena, "%.*s, acting as %.*s", MCP_STR_ARG(adc->describe),
                                     MCP_STR_ARG(creds->config->impersonate));
    return gcp_token_impersonate(order, call, url, (struct mcp_json){ NULL, 0 }, 0, by.value, token,
                                 err);
}

static int keep(struct gcp_credentials *creds, const struct gcp_adc *adc, mcp_str scope,
                const struct gcp_token *token, struct mcp_error *err)
{
    int64_t now = real_now(), life = token->lifetime_s;
    struct entry *e;
    int rc = MCP_ETOOBIG;

    pthread_mutex_lock(&creds->lock);
    e = entry_of(creds, scope);
    if (e != NULL)
        rc = mcp_secret_set(&e->token, token->value);
    if (rc == 0) {
        /* The metadata server hands out one token until shortly before its end: asking for another
         * half of that time later is soon enough. */
        e->refresh_at = now + (life > 2 * MARGIN_S ? life - MARGIN_S : life / 2);
        e->good_until = now + (life > 2 * GOOD_S ? life - GOOD_S : life / 2);
        e->again_at = 0;
        e->self_signed = token->self_signed;
        remember(creds, &creds->quota_project, adc->quota_project);
        remember(creds, &creds->project, adc->project);
        remember(creds, &creds->universe, adc->universe);
        remember(creds, &creds->describe, adc->describe);
        creds->known = true;
    }
    pthread_mutex_unlock(&creds->lock);
    return rc < 0 ? mcp_error_set(err, (enum mcp_err)rc, "no room for another token") : 0;
}

/* What one call does for all that wait. */
struct refresh {
    struct gcp_credentials *creds;
    mcp_str scope;
    bool early; /* the old one is still good: get a new one all the same */
};

static bool have_fresh(struct refresh *r, struct mcp_call *call, mcp_str *value)
{
    struct gcp_credentials *creds = r->creds;
    struct entry *e;
    bool fresh;

    pthread_mutex_lock(&creds->lock);
    e = entry_of(creds, r->scope);
    fresh = e != NULL && real_now() < e->refresh_at && real_now() < e->good_until;
    if (fresh)
        *value = token_copy(e, mcp_call_arena(call));
    pthread_mutex_unlock(&creds->lock);
    return fresh;
}

static int refresh(struct mcp_call *call, void *ctx, mcp_str *value, struct mcp_error *err)
{
    struct refresh *r = ctx;
    struct gcp_credentials *creds = r->creds;
    struct gcp_token_order order = { .config = creds->config,
                                     .scope = r->scope,
                                     .early = r->early };
    struct gcp_token token;
    struct gcp_adc adc;
    int rc;

    if (have_fresh(r, call, value))
        return 0; /* another call was quicker than our way here */
    pthread_mutex_lock(&creds->lock);
    order.grant = creds->grant;
    pthread_mutex_unlock(&creds->lock);
    rc = gcp_adc_find(creds->config, call, &adc, err);
    if (rc == 0)
        rc = ask_machine(creds, call, &adc, err);
    if (rc == 0)
        rc = check_universe(creds->config, &adc, err);
    /* A sovereign cloud has no token endpoint for keys: only our own tokens are taken there. */
    if (rc == 0 && adc.universe.len > 0 && !mcp_str_eq(adc.universe, MCP_STR(GOOGLE)))
        order.grant = false;
    if (rc == 0)
        rc = gcp_token_get(&order, call, &adc, &token, err);
    if (rc == 0 && creds->config->impersonate.len > 0)
        rc = act_as(creds, call, &order, &adc, &token, err);
    if (rc == 0)
        rc = keep(creds, &adc, r->scope, &token, err);
    if (rc == 0)
        *value = token.value;
    return rc;
}

int gcp_credentials_token(struct gcp_credentials *creds, struct mcp_call *call, mcp_str scope,
                          mcp_str *token, struct mcp_error *err)
{
    struct refresh r = { .creds = creds,
                         .scope = mcp_str_is_null(scope) ? MCP_STR(GCP_SCOPE_PLATFORM) : scope };
    struct mcp_arena *arena = mcp_call_arena(call);
    mcp_str old = MCP_STR_NULL, key;
    struct mcp_error why = { 0 };
    int64_t now = real_now();
    struct entry *e;
    int rc;

    pthread_mutex_lock(&creds->lock);
    e = entry_of(creds, r.scope);
    if (e != NULL && now < e->good_until) {
        old = token_copy(e, arena);
        if (now < e->refresh_at || now < e->again_at || e->refreshing) {
            pthread_mutex_unlock(&creds->lock);
            *token = old;
            return 0;
        }
        e->refreshing = r.early = true;
    }
    pthread_mutex_unlock(&creds->lock);
    key = mcp_arena_printf(arena, "gcp token %p %.*s", (void *)creds, MCP_STR_ARG(r.scope));
    rc = mcp_once(call, key, refresh, &r, token, &why);
    if (r.early) {
        pthread_mutex_lock(&creds->lock);
        e->refreshing = false;
        if (rc < 0)
            e->again_at = real_now() + AGAIN_S;
        pthread_mutex_unlock(&creds->lock);
        if (rc < 0 && !mcp_call_cancelled(call)) {
            *token = old;
            return 0;
        }
    }
    if (rc == 0)
        gcp_wipe_later(arena, *token);
    else if (err != NULL)
        *err = why;
    return rc;
}

void gcp_credentials_drop(struct gcp_credentials *creds, mcp_str token)
{
    pthread_mutex_lock(&creds->lock);
    for (size_t i = 0; i < creds->n_entries; i++) {
        struct entry *e = &creds->entries[i];

        if (!mcp_secret_eq(&e->token, token))
            continue;
        e->good_until = e->refresh_at = 0;
        creds->grant = creds->grant || e->self_signed;
    }
    pthread_mutex_unlock(&creds->lock);
}

/* Strings in creds->arena never change once they are there. */
static mcp_str known(struct gcp_credentials *creds, const mcp_str *what)
{
    mcp_str value;

    pthread_mutex_lock(&creds->lock);
    value = *what;
    pthread_mutex_unlock(&creds->lock);
    return value;
}

mcp_str gcp_credentials_quota_project(struct gcp_credentials *creds)
{
    return first_of(creds->config->quota_project, known(creds, &creds->quota_project));
}

mcp_str gcp_credentials_project(struct gcp_credentials *creds)
{
    return known(creds, &creds->project);
}

mcp_str gcp_credentials_universe(struct gcp_credentials *creds)
{
    return first_of(known(creds, &creds->universe),
                    first_of(creds->config->universe_domain, MCP_STR(GOOGLE)));
}

mcp_str gcp_credentials_describe(struct gcp_credentials *creds, struct mcp_arena *arena)
{
    return mcp_arena_str(arena, first_of(known(creds, &creds->describe), MCP_STR("unknown")));
}
