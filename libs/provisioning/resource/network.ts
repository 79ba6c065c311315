import { refuse } from './refusal.ts';

/** A network as PostgreSQL's cidr wants it: without bits of a host (`192.0.2.7/24` → `192.0.2.0/24`). @throws CodedError `value-refused` */
export function networkOf(text: string): string {
  const [address = '', bits = text.includes(':') ? '128' : '32'] = text.split('/');
  if (address.includes('%'))
    throw refuse({ field: '', reason: 'an address with a zone is of one machine only' });
  return address.includes(':') ? maskV6(address, Number(bits)) : maskV4(address, Number(bits));
}

function maskV4(address: string, bits: number): string {
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const kept = Math.floor(number / 2 ** (32 - bits)) * 2 ** (32 - bits);
  return `${[24, 16, 8, 0].map((shift) => Math.floor(kept / 2 ** shift) % 256).join('.')}/${bits}`;
}

function maskV6(address: string, bits: number): string {
  const words = wordsOfV6(address);
  const masked = words.map((value, index) => {
    const kept = Math.min(16, Math.max(0, bits - index * 16));
    return kept === 0 ? 0 : value & (0xffff << (16 - kept));
  });
  const text = masked.map((value) => (value & 0xffff).toString(16)).join(':');
  return `${new URL(`http://[${text}]`).hostname.slice(1, -1)}/${bits}`;
}

function wordsOfV6(address: string): number[] {
  const whole = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = whole.split('::');
  const parse = (part: string) =>
    part === '' ? [] : part.split(':').map((each) => Number.parseInt(each, 16));
  const left = parse(head);
  const right = parse(tail ?? '');
  return [
    ...left,
    ...Array<number>(tail === undefined ? 0 : 8 - left.length - right.length).fill(0),
    ...right,
  ];
}
