import { createHash, createHmac } from 'node:crypto';
import { fillTemplate, type Recorded } from './recording-path.ts';

const SECOND_US = 1_000_000;

export interface TemplateSource {
  /** with {node}, {path}, {expires} and {signature} */
  template: string;
  /** of the signature; without one {signature} stays empty */
  secret: string | undefined;
  lifetimeSeconds: number;
}

/**
 * The URL of a recording on a web server: `{expires}` is the second since 1970 when it ends, `{signature}` the HMAC-SHA256 of
 * node/path, a line feed and that second, in hexadecimal.
 */
export function templateUrl(
  { template, secret, lifetimeSeconds }: TemplateSource,
  recorded: Recorded,
  nowUs: number,
): string {
  const expires = Math.floor(nowUs / SECOND_US) + lifetimeSeconds;
  const signed = `${recorded.node}/${recorded.path}\n${expires}`;
  const signature = secret === undefined ? '' : createHmac('sha256', secret).update(signed).digest('hex');
  return fillTemplate(template, recorded)
    .replaceAll('{expires}', String(expires))
    .replaceAll('{signature}', signature);
}

export interface S3Source {
  /** the object, with {node} and {path}: https://bucket.s3.eu-central-1.amazonaws.com/{node}/{path} */
  template: string;
  region: string;
  keyId: string;
  secret: string;
  lifetimeSeconds: number;
}

/** A presigned GET of an object in S3 (AWS Signature Version 4, by query parameters). */
export function presignedUrl(source: S3Source, recorded: Recorded, nowUs: number): string {
  const { template, region, keyId, secret, lifetimeSeconds } = source;
  const url = new URL(fillTemplate(template, recorded));
  const stamp = `${new Date(nowUs / 1000).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  const scope = `${stamp.slice(0, 8)}/${region}/s3/aws4_request`;
  const query = [
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
    ['X-Amz-Credential', `${keyId}/${scope}`],
    ['X-Amz-Date', stamp],
    ['X-Amz-Expires', String(lifetimeSeconds)],
    ['X-Amz-SignedHeaders', 'host'],
  ]
    .map(([name = '', value = '']) => `${name}=${strictly(value)}`)
    .join('&');
  const path = url.pathname
    .split('/')
    .map((part) => strictly(decodeURIComponent(part)))
    .join('/');
  const canonical = ['GET', path, query, `host:${url.host}\n`, 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  const digest = createHash('sha256').update(canonical).digest('hex');
  const toSign = ['AWS4-HMAC-SHA256', stamp, scope, digest].join('\n');
  const key = [stamp.slice(0, 8), region, 's3', 'aws4_request'].reduce<Buffer | string>(
    (last, part) => createHmac('sha256', last).update(part).digest(),
    `AWS4${secret}`,
  );
  const signature = createHmac('sha256', key).update(toSign).digest('hex');
  return `${url.origin}${path}?${query}&X-Amz-Signature=${signature}`;
}

/** As RFC 3986 and AWS want it: encodeURIComponent leaves five characters more as they are. */
function strictly(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
