// The official Go client asks one of our servers: client MODE URL | MODE PROGRAM ARGS...
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"os/exec"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func connect(ctx context.Context, mode, target string, args []string) (*mcp.ClientSession, error) {
	var transport mcp.Transport = &mcp.CommandTransport{Command: exec.Command(target, args...)}
	if strings.HasPrefix(target, "http") {
		transport = &mcp.StreamableClientTransport{Endpoint: target}
	}
	options := &mcp.ClientSessionOptions{}
	if mode == "legacy" {
		options.ProtocolVersion = "2025-11-25"
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "go", Version: "1"}, nil)
	return client.Connect(ctx, transport, options)
}

func main() {
	ctx := context.Background()
	session, err := connect(ctx, os.Args[1], os.Args[2], os.Args[3:])
	if err != nil {
		log.Fatal(err)
	}
	listed, err := session.ListTools(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	tools := []string{}
	for _, tool := range listed.Tools {
		tools = append(tools, tool.Name)
	}
	result, err := session.CallTool(ctx, &mcp.CallToolParams{
		Name:      "get_costs",
		Arguments: map[string]any{"period": "last_month", "group_by": []string{"service"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	text := result.Content[0].(*mcp.TextContent).Text
	err = json.NewEncoder(os.Stdout).Encode(map[string]any{
		"revision": session.InitializeResult().ProtocolVersion,
		"tools":    tools,
		"text":     text,
		"data":     result.StructuredContent,
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := session.Close(); err != nil {
		log.Fatal(err)
	}
}
