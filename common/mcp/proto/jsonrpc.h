/* The shape of one JSON-RPC message, and the frames that answers stand in. */
#ifndef MCP_PROTO_JSONRPC_H
#define MCP_PROTO_JSONRPC_H

#include <mcp/buf.h>
#include <mcp/error.h>
#include <mcp/json.h>

enum mcp_rpc_kind {
    MCP_RPC_REQUEST,
    MCP_RPC_NOTIFICATION,
    MCP_RPC_RESPONSE,
};

/* Slices of the document the message was read from. */
struct mcp_rpc {
    enum mcp_rpc_kind kind;
    mcp_str id; /* the token as it stands in the text, quotes included; missing: none */
    struct mcp_json method; /* a string value */
    struct mcp_json params; /* of any type, or missing */
};

/* Longest id and progress token in bytes, as they stand in the text. */
#define MCP_RPC_ID_MAX 1024

/* 0, or MCP_EREQUEST: no object, jsonrpc not "2.0", an id that is neither string nor integer or too
 * long, a member twice, no method. out->id is set on failure as well when it could be read, so that
 * the error can carry it. What params hold is the method's affair. */
int mcp__rpc_read(struct mcp_json root, struct mcp_rpc *out, struct mcp_error *err);

/* True for the token of a string or of an integer without fraction and exponent. */
bool mcp__rpc_is_id(struct mcp_json v);

/* {"jsonrpc":"2.0","id":ID,"error":{...}}; id missing: left out. data: a whole JSON value or
 * missing. */
void mcp__rpc_error(struct mcp_buf *out, mcp_str id, int code, mcp_str message, mcp_str data);
/* The same with the whole error object. */
void mcp__rpc_error_raw(struct mcp_buf *out, mcp_str id, mcp_str error);
/* {"jsonrpc":"2.0","id":ID,"result":RESULT} */
void mcp__rpc_result(struct mcp_buf *out, mcp_str id, mcp_str result);

#endif
