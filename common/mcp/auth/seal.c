/* Sealing cursors and states: version byte, nonce, AES-256-GCM ciphertext and tag, in base64url. */
#include "mcp/auth/seal.h"

#include "mcp/auth/crypto.h"

#include <mcp/base64.h>
#include <mcp/buf.h>
#include <mcp/random.h>
#include <mcp/secret.h>

#define VERSION 1
#define HEAD_LEN (1 + MCP__GCM_NONCE_LEN)

static int check_key(mcp_str key, struct mcp_error *err)
{
    if (key.len < MCP__SEAL_KEY_MIN)
        return mcp_error_set(err, MCP_ECONFIG, "state_key is shorter than %d bytes",
                             MCP__SEAL_KEY_MIN);
    return 0;
}

static int derive(mcp_str key, unsigned char out[MCP__GCM_KEY_LEN], struct mcp_error *err)
{
    int rc = check_key(key, err);

    if (rc < 0)
        return rc;
    if (mcp__hkdf_sha256(key, MCP_STR(""), MCP_STR("libmcp seal 1"), out, MCP__GCM_KEY_LEN) < 0)
        return mcp_error_set(err, MCP_EINTERNAL, "libcrypto cannot derive a key");
    return 0;
}

int mcp__seal(mcp_str key, struct mcp_arena *arena, mcp_str bound, mcp_str plain, mcp_str *sealed,
              struct mcp_error *err)
{
    unsigned char secret[MCP__GCM_KEY_LEN], *raw;
    size_t len = HEAD_LEN + plain.len + MCP__GCM_TAG_LEN;
    struct mcp_buf text;
    int rc;

    if (plain.len > MCP__SEAL_MAX)
        return mcp_error_set(err, MCP_ETOOBIG, "a state of over %d bytes cannot be sealed",
                             MCP__SEAL_MAX);
    mcp_buf_init(&text, 4 * len);
    rc = derive(key, secret, err);
    if (rc < 0)
        goto out;
    raw = mcp_arena_try(arena, len);
    if (raw == NULL) {
        rc = mcp_error_set(err, MCP_ENOMEM, "out of memory");
        goto out;
    }
    raw[0] = VERSION;
    mcp_random_bytes(raw + 1, MCP__GCM_NONCE_LEN);
    rc = mcp__gcm_seal(secret, raw + 1, bound, plain, raw + HEAD_LEN);
    if (rc < 0) {
        mcp_error_set(err, MCP_EINTERNAL, "libcrypto cannot seal");
        goto out;
    }
    mcp_base64_encode(&text, MCP_BASE64_URL, raw, len);
    rc = mcp_buf_error(&text);
    if (rc < 0) {
        mcp_error_set(err, MCP_ENOMEM, "out of memory");
        goto out;
    }
    *sealed = mcp_arena_str(arena, mcp_buf_view(&text));
out:
    mcp__crypto_thread_done();
    mcp_secret_wipe(secret, sizeof(secret));
    mcp_buf_release(&text);
    return rc;
}

int mcp__unseal(mcp_str key, struct mcp_arena *arena, mcp_str bound, mcp_str sealed, mcp_str *plain,
                struct mcp_error *err)
{
    static const char refused[] = "was not made by this server for this use, or has been changed";
    unsigned char secret[MCP__GCM_KEY_LEN], *out_bytes;
    struct mcp_buf raw;
    mcp_str cipher;
    int rc;

    mcp_buf_init(&raw, 2 * MCP__SEAL_MAX);
    rc = check_key(key, err);
    if (rc < 0)
        goto out;
    /* The text comes from outside: nothing is allocated or computed for what cannot be a seal. */
    if (sealed.len > 2 * MCP__SEAL_MAX || mcp_base64_decode(&raw, MCP_BASE64_URL, sealed) < 0 ||
        mcp_buf_error(&raw) < 0 || raw.len < HEAD_LEN + MCP__GCM_TAG_LEN || raw.ptr[0] != VERSION) {
        rc = mcp_error_set(err, MCP_EINVAL, "%s", refused);
        goto out;
    }
    rc = derive(key, secret, err);
    if (rc < 0)
        goto out;
    cipher = mcp_str_n(raw.ptr + HEAD_LEN, raw.len - HEAD_LEN);
    out_bytes = mcp_arena_try(arena, cipher.len);
    if (out_bytes == NULL) {
        rc = mcp_error_set(err, MCP_ENOMEM, "out of memory");
        goto out;
    }
    rc = mcp__gcm_open(secret, (const unsigned char *)raw.ptr + 1, bound, cipher, out_bytes);
    if (rc < 0) {
        rc = mcp_error_set(err, (enum mcp_err)rc, "%s", refused);
        goto out;
    }
    /* The room of the tag serves as the NUL behind the text. */
    out_bytes[cipher.len - MCP__GCM_TAG_LEN] = '\0';
    *plain = mcp_str_n((const char *)out_bytes, cipher.len - MCP__GCM_TAG_LEN);
out:
    mcp__crypto_thread_done();
    mcp_secret_wipe(secret, sizeof(secret));
    mcp_buf_release(&raw);
    return rc;
}
