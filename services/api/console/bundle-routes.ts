import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from '../../../libs/http/app.ts';
import { HttpError } from '../../../libs/http/problem.ts';
import { type Bundle, type BundleFile, readBundle } from './bundle.ts';

/**
 * The browser loads nothing from elsewhere, runs no text as script (`require-trusted-types-for`: not even by mistake of
 * ours), sends no form and no address elsewhere, and shows the console in no other page.
 */
const POLICY =
  "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** Files that are named by their content never change. */
const FOREVER = 'public, max-age=31536000, immutable';

export interface BundleOptions {
  read?: () => Promise<Bundle>;
  /** where recordings are when they are elsewhere: the player may load them from there, and nothing else */
  mediaOrigin?: string | undefined;
}

/** `GET /console` and all pages below it: one page of HTML, its script and its style. They hold nobody's data. */
export function addBundleRoutes(app: App, { read = readBundle, mediaOrigin }: BundleOptions = {}): void {
  const policy = mediaOrigin === undefined ? POLICY : `${POLICY}; media-src 'self' ${mediaOrigin}`;
  let bundle: Promise<Bundle> | undefined;
  const load = (): Promise<Bundle> => {
    bundle ??= read().catch((error: unknown) => {
      bundle = undefined;
      throw error;
    });
    return bundle;
  };
  const page = async (request: FastifyRequest, reply: FastifyReply) =>
    sendFile({ request, reply, policy, file: (await load()).get('index.html'), caching: 'no-cache' });
  app.get('/console', page);
  app.get('/console/*', page);
  app.get<{ Params: { '*': string } }>('/console/assets/*', async (request, reply) => {
    const file = (await load()).get(`assets/${request.params['*']}`);
    return sendFile({ request, reply, policy, file, caching: FOREVER });
  });
}

interface Sending {
  request: FastifyRequest;
  reply: FastifyReply;
  policy: string;
  file: BundleFile | undefined;
  caching: string;
}

function sendFile({ request, reply, policy, file, caching }: Sending): FastifyReply {
  if (file === undefined) throw new HttpError(404, 'no-such-file', 'the console has no such file');
  void reply.headers({ ...HEADERS, 'content-security-policy': policy, etag: file.etag });
  void reply.headers({ 'cache-control': caching, vary: 'accept-encoding' });
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  void reply.header('content-type', file.type);
  if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return reply.send(file.bytes);
  return reply.header('content-encoding', 'gzip').send(file.zipped);
}
