import { CodedError } from '../../../libs/errors/coded-error.ts';
import type { Call } from '../../../libs/records/call.ts';

interface Page {
  items: Call[];
  next_cursor?: string | null;
}

const PAGES_AT_MOST = 100;

/** All calls that the api lists, oldest first. @throws CodedError `api-refused` */
export async function listCalls(api: { origin: string; token: string }): Promise<Call[]> {
  const calls: Call[] = [];
  let cursor: string | null | undefined;
  for (let page = 0; page < PAGES_AT_MOST; page += 1) {
    const query = cursor ? `?cursor=${encodeURIComponent(cursor)}` : '';
    const response = await fetch(`${api.origin}/v1/calls${query}`, {
      headers: { authorization: `Bearer ${api.token}` },
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok)
      throw new CodedError('api-refused', `GET /v1/calls: ${response.status} ${await response.text()}`);
    const { items, next_cursor } = (await response.json()) as Page;
    calls.push(...items);
    cursor = next_cursor;
    if (!cursor) break;
  }
  return calls.toSorted((a, b) => a.start_us - b.start_us);
}
