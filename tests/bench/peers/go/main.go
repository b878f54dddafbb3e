// The benchmark's tool on the official Go SDK: peer stdio | peer http.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const rows = 18

type question struct {
	Period  string   `json:"period"`
	GroupBy []string `json:"group_by"`
}

type row struct {
	Service  string  `json:"service"`
	Region   string  `json:"region"`
	Cost     float64 `json:"cost"`
	Credits  float64 `json:"credits"`
	Usage    int     `json:"usage"`
	Currency string  `json:"currency"`
}

type answer struct {
	Period string `json:"period"`
	Rows   []row  `json:"rows"`
}

func getCosts(_ context.Context, _ *mcp.CallToolRequest, q question) (*mcp.CallToolResult, answer, error) {
	a := answer{Period: q.Period, Rows: make([]row, rows)}
	for i := range a.Rows {
		a.Rows[i] = row{fmt.Sprintf("Compute instances %02d", i), fmt.Sprintf("europe-west-%02d", i),
			1234.25 + float64(i), -12.5 - float64(i), 1000 + i, "EUR"}
	}
	return nil, a, nil
}

func main() {
	server := mcp.NewServer(&mcp.Implementation{Name: "peer", Version: "0.1.0"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: "get_costs", Description: "What was spent, by service"}, getCosts)
	if os.Args[1] == "stdio" {
		if err := server.Run(context.Background(), &mcp.StdioTransport{}); err != nil {
			log.Fatal(err)
		}
		return
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, "{\"message\":\"listening\",\"url\":\"http://%s/mcp\"}\n", listener.Addr())
	handler := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server },
		&mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true})
	log.Fatal(http.Serve(listener, handler))
}
