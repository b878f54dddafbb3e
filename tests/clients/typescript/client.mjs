// The official TypeScript client asks one of our servers: node client.mjs MODE URL | MODE PROGRAM ARGS...
// (TOKEN, if set, goes with each request over HTTP)
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

const [mode, target, ...args] = process.argv.slice(2);
const headers = process.env.TOKEN ? { Authorization: `Bearer ${process.env.TOKEN}` } : {};
const client = new Client(
  { name: 'typescript', version: '1' },
  { capabilities: {}, versionNegotiation: { mode: mode === 'modern' ? { pin: '2026-07-28' } : mode } },
);
await client.connect(
  target.startsWith('http')
    ? new StreamableHTTPClientTransport(new URL(target), { requestInit: { headers } })
    : new StdioClientTransport({ command: target, args, stderr: 'ignore' }),
);
const { tools } = await client.listTools();
const result = await client.callTool({
  name: 'get_costs',
  arguments: { period: 'last_month', group_by: ['service'] },
});
console.log(JSON.stringify({
  revision: client.getNegotiatedProtocolVersion(),
  tools: tools.map((tool) => tool.name),
  text: result.content[0].text,
  data: result.structuredContent,
}));
await client.close();
