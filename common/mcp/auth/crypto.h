/* The few primitives of libcrypto that libmcp uses, with our lengths and our errors. */
#ifndef MCP_AUTH_CRYPTO_H
#define MCP_AUTH_CRYPTO_H

#include <mcp/error.h>
#include <mcp/str.h>

#define MCP__SHA256_LEN 32
#define MCP__GCM_KEY_LEN 32
#define MCP__GCM_NONCE_LEN 12
#define MCP__GCM_TAG_LEN 16

/* Each returns 0, or MCP_EINTERNAL when libcrypto refuses (which for these inputs means that it has
 * no memory or no provider); out is written only on success. Any thread. */
int mcp__sha256(mcp_str data, unsigned char out[MCP__SHA256_LEN]);
int mcp__hmac_sha256(mcp_str key, mcp_str data, unsigned char out[MCP__SHA256_LEN]);
/* RFC 5869. salt may be empty; len up to 255 * 32. */
int mcp__hkdf_sha256(mcp_str secret, mcp_str salt, mcp_str info, unsigned char *out, size_t len);
/* Equal, in a time that depends on the lengths only. */
bool mcp__mac_eq(mcp_str a, mcp_str b);

/* AES-256-GCM. sealed has room for plain.len + MCP__GCM_TAG_LEN bytes: ciphertext, then tag. A
 * nonce is used once for a key. */
int mcp__gcm_seal(const unsigned char key[MCP__GCM_KEY_LEN],
                  const unsigned char nonce[MCP__GCM_NONCE_LEN], mcp_str bound, mcp_str plain,
                  unsigned char *sealed);
/* plain has room for sealed.len - MCP__GCM_TAG_LEN bytes. MCP_EINVAL when the tag does not fit
 * (plain holds nothing of worth then: it was wiped). */
int mcp__gcm_open(const unsigned char key[MCP__GCM_KEY_LEN],
                  const unsigned char nonce[MCP__GCM_NONCE_LEN], mcp_str bound, mcp_str sealed,
                  unsigned char *plain);

/* RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017), by a key in PEM of 2048 bits or more without a
 * passphrase. *len: the room of out, then the signature's length. MCP_ECONFIG with err when the key
 * is none of that; err never shows it. */
int mcp__rsa_sign_sha256(mcp_str key_pem, mcp_str data, unsigned char *out, size_t *len,
                         struct mcp_error *err);

/* Gives back what libcrypto keeps for this thread (its queue of errors). Workers end detached, in
 * whatever order with the program: they owe nothing then. */
void mcp__crypto_thread_done(void);

#endif
