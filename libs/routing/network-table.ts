import { isIPv4, isIPv6 } from 'node:net';

/** Values by network (CIDR), found by address: the smallest network that holds it wins. */
export class NetworkTable<V> {
  readonly #byLength = new Map<string, Map<bigint, V>>();
  #lengths: { family: 4 | 6; bits: number; key: string }[] = [];

  /** Takes a network (`192.0.2.0/24`, or one address) in; anything else is ignored. */
  set(network: string, value: V): void {
    const [address = '', length] = network.split('/');
    const parsed = parseAddress(address);
    if (parsed === undefined) return;
    const bits = length === undefined ? widthOf(parsed.family) : Number(length);
    const key = `${parsed.family}/${bits}`;
    const table = this.#byLength.get(key) ?? new Map<bigint, V>();
    table.set(mask(parsed, bits), value);
    this.#byLength.set(key, table);
    if (!this.#lengths.some((known) => known.key === key)) {
      this.#lengths.push({ family: parsed.family, bits, key });
      this.#lengths.sort((left, right) => right.bits - left.bits);
    }
  }

  /** The value of the smallest network around an address. */
  get(address: string): V | undefined {
    if (this.#lengths.length === 0) return undefined;
    const parsed = parseAddress(address);
    if (parsed === undefined) return undefined;
    for (const { family, bits, key } of this.#lengths) {
      if (family !== parsed.family) continue;
      const value = this.#byLength.get(key)?.get(mask(parsed, bits));
      if (value !== undefined) return value;
    }
    return undefined;
  }
}

interface Address {
  family: 4 | 6;
  value: bigint;
}

function widthOf(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

function mask({ family, value }: Address, bits: number): bigint {
  return value >> BigInt(widthOf(family) - bits);
}

function parseAddress(text: string): Address | undefined {
  if (isIPv4(text)) return { family: 4, value: fromGroups(text.split('.'), { base: 10, bits: 8n }) };
  if (!isIPv6(text)) return undefined;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)?.[1];
  if (mapped !== undefined) return parseAddress(mapped);
  if (text.includes('.')) return undefined;
  return { family: 6, value: fromGroups(expand(text), { base: 16, bits: 16n }) };
}

/** `2001:db8::1` → its eight groups. */
function expand(text: string): string[] {
  const [head = '', tail] = text.split('%')[0]?.split('::') ?? [];
  const left = head === '' ? [] : head.split(':');
  if (tail === undefined) return left;
  const right = tail === '' ? [] : tail.split(':');
  return [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
}

function fromGroups(groups: string[], { base, bits }: { base: number; bits: bigint }): bigint {
  return groups.reduce((value, group) => (value << bits) | BigInt(Number.parseInt(group, base)), 0n);
}
