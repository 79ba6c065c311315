import { readFile } from 'node:fs/promises';
import { startChild } from '../../test/support/child-process.ts';
import { freePort } from '../../test/support/stack/free-port.ts';
import type { Scope } from '../main/scope.ts';

const TOKEN = 'bench-administrator-token';
const ANSWER_MS = 600_000;

/** The api as a process of its own, and ways to ask it. */
export interface Api {
  /** asks and reads the whole answer; milliseconds it took */
  timeOf(path: string): Promise<number>;
  json(path: string): Promise<Record<string, unknown>>;
  /** the answer as a stream */
  open(path: string): Promise<Response>;
  /** resident memory, bytes */
  rss(): Promise<number>;
}

export async function startApi(scope: Scope, connectionString: string): Promise<Api> {
  const port = await freePort();
  const child = startChild({
    entry: 'services/api/main.ts',
    environment: {
      DATABASE_URL: connectionString,
      API_TOKEN: TOKEN,
      API_PORT: String(port),
      API_REQUEST_LIMIT: '1000000',
      API_SEARCH_MS: '60000',
      DATABASE_TIMEOUT_MS: '120000',
      LOG_LEVEL: 'warn',
    },
  });
  scope.after(async () => {
    await child.stop('SIGTERM', 40_000);
  });
  const open = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      headers: { authorization: `Bearer ${TOKEN}` },
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  await waitFor(() => open('/v1/openapi.json'));
  return {
    open,
    json: async (path) => (await open(path)).json() as Promise<Record<string, unknown>>,
    timeOf: async (path) => {
      const began = performance.now();
      await (await open(path)).arrayBuffer();
      return performance.now() - began;
    },
    rss: async () => {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
    },
  };
}

async function waitFor(ask: () => Promise<unknown>): Promise<void> {
  for (const deadline = performance.now() + 60_000; ; ) {
    try {
      await ask();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
