// CopilotKit's runtime with a model of ours that asks for costs once: node client.mjs MCP_SERVERS_JSON
import { CopilotRuntime, BuiltInAgent, createCopilotRuntimeHandler } from '@copilotkit/runtime/v2';
import { simulateReadableStream } from 'ai';
import { MockLanguageModelV3 } from 'ai/test';

const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } };
const say = (...parts) => ({
  stream: simulateReadableStream({
    chunks: [
      { type: 'stream-start', warnings: [] },
      ...parts,
      { type: 'finish', usage, finishReason: { unified: parts[0].type === 'tool-call' ? 'tool-calls' : 'stop' } },
    ],
  }),
});
const input = JSON.stringify({ period: 'last_month', group_by: ['service'] });
let offered, told;
const model = new MockLanguageModelV3({
  doStream: async ({ tools, prompt }) => {
    const answer = prompt.findLast((message) => message.role === 'tool');
    if (!answer) {
      offered = tools.map((tool) => tool.name);
      return say({ type: 'tool-call', toolCallId: 'call-1', toolName: 'get_costs', input });
    }
    told = answer.content[0].output.value;
    return say({ type: 'text-start', id: 't' }, { type: 'text-delta', id: 't', delta: 'done' }, { type: 'text-end', id: 't' });
  },
});

const agent = new BuiltInAgent({ model, maxSteps: 3, mcpServers: JSON.parse(process.argv[2]) });
const handle = createCopilotRuntimeHandler({
  runtime: new CopilotRuntime({ agents: { default: agent } }),
  basePath: '/api/copilotkit',
});
const response = await handle(new Request('http://127.0.0.1/api/copilotkit/agent/default/run', {
  method: 'POST',
  headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
  body: JSON.stringify({
    threadId: 't-1',
    runId: 'r-1',
    messages: [{ id: 'm-1', role: 'user', content: 'What did last month cost?' }],
    tools: [],
    context: [],
    state: {},
    forwardedProps: {},
  }),
}));
const events = (await response.text())
  .split('\n')
  .filter((line) => line.startsWith('data: '))
  .map((line) => JSON.parse(line.slice(6)));
const shown = events.find((event) => event.type === 'TOOL_CALL_RESULT');
console.log(JSON.stringify({
  tools: offered.filter((name) => !name.startsWith('AGUI')), // beside CopilotKit's own
  text: told[0].text,
  data: JSON.parse(shown.content).structuredContent,
}));
process.exit(events.at(-1).type === 'RUN_FINISHED' ? 0 : 1);
