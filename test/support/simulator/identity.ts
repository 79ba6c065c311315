import { createHash } from 'node:crypto';
import { TOKEN_START } from './moment.ts';
import type { Slot } from './template.ts';

/** Something that must be another in every clone of a call, or on another node. */
export interface Identity {
  kind: 'uuid' | 'call-id' | 'tag' | 'branch' | 'core' | 'switchname' | 'address';
  recorded: string;
}

export const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TOKEN_END = '(?![0-9A-Za-z])';
const AT = '(?:@|%40|%2540)';
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';

/** Every identity of a call, each with a place of its own; templates refer to the place. */
export class IdentityTable {
  readonly entries: readonly Identity[];
  readonly #places: ReadonlyMap<string, number>;
  readonly #pattern: RegExp;

  constructor(entries: readonly Identity[]) {
    this.entries = entries;
    this.#places = new Map(entries.map(({ recorded }, place) => [recorded, place]));
    const longestFirst = entries.toSorted((a, b) => b.recorded.length - a.recorded.length);
    this.#pattern = new RegExp(`${TOKEN_START}(?:${longestFirst.map(patternOf).join('|')})`, 'g');
  }

  /** The place of a recorded value, -1 when it is none of these. */
  placeOf(recorded: string): number {
    return this.#places.get(recorded) ?? -1;
  }

  /** Where the identities stand in a text, plain or URL-encoded once or twice. */
  findIn(text: string): Slot[] {
    return [...text.matchAll(this.#pattern)].map(({ 0: recorded, index }) => {
      const place = this.placeOf(recorded);
      return { index, length: recorded.length, render: ({ identities }) => identities?.[place] ?? recorded };
    });
  }

  /** New values for all of them, the same for the same seed. `fixed` answers for cores, switchnames and addresses. */
  renew(seed: string, fixed: (identity: Identity) => string): string[] {
    return this.entries.map((identity, place) => {
      const digest = () => createHash('sha1').update(`${seed}\n${place}`).digest();
      switch (identity.kind) {
        case 'uuid':
          return newUuid(identity.recorded, digest());
        case 'call-id':
          return `${identity.recorded}-${digest().toString('hex', 0, 8)}`;
        case 'branch':
          return `z9hG4bK${newTag(digest(), 16)}`;
        case 'tag':
          return newTag(digest(), identity.recorded.length);
        default:
          return fixed(identity);
      }
    });
  }
}

function patternOf({ kind, recorded }: Identity): string {
  const literal = recorded.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return kind === 'call-id' ? `${literal}(?=${AT})` : `${literal}${TOKEN_END}`;
}

/** Keeps the third group: it tells FreeSWITCH's channel uuids (version 4) from sofia's Call-IDs. */
function newUuid(recorded: string, digest: Buffer): string {
  const hex = digest.toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    recorded.slice(14, 18),
    hex.slice(12, 16),
    hex.slice(16, 28),
  ].join('-');
}

function newTag(digest: Buffer, length: number): string {
  return Array.from({ length }, (_, at) => LETTERS[(digest[at % digest.length] ?? 0) % LETTERS.length]).join(
    '',
  );
}
