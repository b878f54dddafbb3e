/* JSON Web Tokens: header, claims and signature in base64url with dots between (RFC 7515, RS256). */
#include "mcp/auth/jwt.h"

#include "mcp/auth/crypto.h"

#include <mcp/base64.h>
#include <mcp/json_writer.h>

#define SIGNATURE_MAX 2048 /* bytes: RSA of 16384 bits */

static void put_header(struct mcp_buf *out, mcp_str kid)
{
    struct mcp_buf json;
    struct mcp_jsonw w;

    mcp_buf_init(&json, MCP__JWT_CLAIMS_MAX);
    mcp_jsonw_init(&w, &json);
    mcp_jsonw_object(&w);
    mcp_jsonw_kz(&w, "alg", "RS256");
    mcp_jsonw_kz(&w, "typ", "JWT");
    if (!mcp_str_is_null(kid))
        mcp_jsonw_kstr(&w, "kid", kid);
    mcp_jsonw_end(&w);
    mcp_base64_encode(out, MCP_BASE64_URL, json.ptr, json.len);
    out->failed = out->failed || json.failed;
    mcp_buf_release(&json);
}

int mcp__jwt_sign(struct mcp_arena *arena, mcp_str key_pem, mcp_str kid, mcp_str claims,
                  mcp_str *jwt, struct mcp_error *err)
{
    unsigned char signature[SIGNATURE_MAX];
    size_t len = sizeof(signature);
    struct mcp_buf out;
    int rc;

    if (claims.len > MCP__JWT_CLAIMS_MAX || kid.len > MCP__JWT_CLAIMS_MAX / 2)
        return mcp_error_set(err, MCP_ETOOBIG, "the claims of a token are over %d bytes",
                             MCP__JWT_CLAIMS_MAX);
    mcp_buf_init(&out, 4 * MCP__JWT_CLAIMS_MAX);
    put_header(&out, kid);
    mcp_buf_char(&out, '.');
    mcp_base64_encode(&out, MCP_BASE64_URL, claims.ptr, claims.len);
    rc = mcp_buf_error(&out);
    if (rc < 0) {
        mcp_error_set(err, (enum mcp_err)rc, "no memory for a token");
        goto out;
    }
    rc = mcp__rsa_sign_sha256(key_pem, mcp_buf_view(&out), signature, &len, err);
    if (rc < 0)
        goto out;
    mcp_buf_char(&out, '.');
    mcp_base64_encode(&out, MCP_BASE64_URL, signature, len);
    rc = mcp_buf_error(&out);
    if (rc < 0)
        mcp_error_set(err, (enum mcp_err)rc, "no memory for a token");
    else
        *jwt = mcp_arena_str(arena, mcp_buf_view(&out));
out:
    mcp__crypto_thread_done();
    mcp_buf_release(&out);
    return rc;
}
