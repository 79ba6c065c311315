import { readFile } from 'node:fs/promises';
import type { App } from '../../libs/http/app.ts';
import { HttpError } from '../../libs/http/problem.ts';

const FOLDER = new URL('../../docs/runbooks/', import.meta.url);
/** Alerts are named so; anything else is no page, and no path. */
const NAME = /^([A-Z][A-Za-z]{2,60})(?:\.md)?$/;

/**
 * `GET /docs/runbooks/NAME`: what to do about an alert, as it is true for the version that runs. Without a token, since
 * whoever is paged follows a link; the pages hold nothing of this installation.
 */
export function addRunbookRoutes(app: App): void {
  app.get<{ Params: { name: string } }>('/docs/runbooks/:name', async ({ params }, reply) => {
    const page = await readPage(params.name);
    return reply.header('content-type', 'text/markdown; charset=utf-8').send(page);
  });
}

async function readPage(asked: string): Promise<string> {
  const name = NAME.exec(asked)?.[1];
  try {
    if (name !== undefined) return await readFile(new URL(`${name}.md`, FOLDER), 'utf8');
  } catch {
    // no file of that name: the same answer as for no name at all
  }
  throw new HttpError(404, 'runbook-not-found', 'there is no runbook of that name');
}
