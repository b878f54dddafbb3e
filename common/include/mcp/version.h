/* The version of libmcp and of the servers built on it. */
#ifndef MCP_VERSION_H
#define MCP_VERSION_H

#define MCP_VERSION_MAJOR 0
#define MCP_VERSION_MINOR 1
#define MCP_VERSION_PATCH 0
#define MCP_VERSION_STR "0.1.0"

#endif
