import { createHash } from 'node:crypto';
import type { Resource } from './resource.ts';
import type { StoredItem } from './rows.sql.ts';

/** A strong validator (RFC 9110) of a thing: changes with what is shown of it, and with every write of its row. */
export function etagOf({ fields }: Resource, { item, version }: StoredItem): string {
  const decided = Object.entries(item).filter(([name]) => fields[name]?.isLive !== true);
  const digest = createHash('sha256').update(version).update(JSON.stringify(decided)).digest('base64url');
  return `"${digest.slice(0, 22)}"`;
}

/** Whether an If-Match header lets a change of this version through. */
export function matchesEtag(ifMatch: string, etag: string): boolean {
  return ifMatch.split(',').some((part) => part.trim() === '*' || part.trim() === etag);
}
