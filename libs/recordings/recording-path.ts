import { posix } from 'node:path';

/** Where a node wrote a recording, as its dialplan named it. */
export interface Recorded {
  /** switchname */
  node: string;
  path: string;
}

const NODE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * The path of a recording below the folder that all nodes share; `roots` are that folder as nodes name it (`{node}` stands for
 * the switchname). Undefined when it is in none of them, or would leave it.
 */
export function sharedPath({ node, path }: Recorded, roots: readonly string[]): string | undefined {
  if (!NODE.test(node) || path.includes('\0')) return undefined;
  const whole = posix.normalize(path.replaceAll('\\', '/'));
  for (const root of roots) {
    const folder = `${posix.normalize(root.replaceAll('{node}', node)).replace(/\/+$/, '')}/`;
    if (!whole.startsWith(folder)) continue;
    const below = whole.slice(folder.length);
    if (below !== '' && !below.split('/').includes('..')) return below;
  }
  return undefined;
}

/** A template with a recording's node and path in it, each part of the path encoded for a URL. */
export function fillTemplate(template: string, { node, path }: Recorded): string {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  return template.replaceAll('{node}', encodeURIComponent(node)).replaceAll('{path}', encoded);
}

const TYPES: Readonly<Record<string, string>> = {
  wav: 'audio/wav',
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
  opus: 'audio/ogg',
  flac: 'audio/flac',
  m4a: 'audio/mp4',
  mp4: 'video/mp4',
};

/** By the ending of its name; never a type that a browser would execute. */
export function mediaType(path: string): string {
  return TYPES[posix.extname(path).slice(1).toLowerCase()] ?? 'application/octet-stream';
}
