// The benchmark's tool on the official TypeScript SDK: node server.mjs stdio | node server.mjs http
import { createServer } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import * as z from 'zod';

const ROWS = 18;
const row = z.object({
  service: z.string(),
  region: z.string(),
  cost: z.number(),
  credits: z.number(),
  usage: z.number().int(),
  currency: z.string(),
});
const inputSchema = z.object({ period: z.string(), group_by: z.array(z.string()) });
const outputSchema = z.object({ period: z.string(), rows: z.array(row) });

function getCosts({ period }) {
  const rows = Array.from({ length: ROWS }, (_, i) => {
    const nn = String(i).padStart(2, '0');
    return {
      service: `Compute instances ${nn}`,
      region: `europe-west-${nn}`,
      cost: 1234.25 + i,
      credits: -12.5 - i,
      usage: 1000 + i,
      currency: 'EUR',
    };
  });
  const structuredContent = { period, rows };
  return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
}

function factory() {
  const server = new McpServer({ name: 'peer', version: '0.1.0' });
  server.registerTool('get_costs', { description: 'What was spent, by service', inputSchema, outputSchema }, getCosts);
  return server;
}

if (process.argv[2] === 'stdio') {
  serveStdio(factory);
} else {
  const http = createServer(toNodeHandler(createMcpHandler(factory)));
  http.listen(0, '127.0.0.1', () => {
    console.error(JSON.stringify({ message: 'listening', url: `http://127.0.0.1:${http.address().port}/mcp` }));
  });
}
