import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerError, answerNotFound, HttpError } from '../../../libs/http/problem.ts';
import { buildDocument, type OpenApiDocument } from './document.ts';
import { PAGE_HEADERS, renderPage } from './document-page.ts';
import { type DocumentedRoute, documentRoute } from './route-schema.ts';

/** What an app's routes say of themselves, gathered while they are added. */
export interface Documentation {
  /** Gathers every route that is added to an app from now on. Every route must say what it is for. */
  gather(app: FastifyInstance): void;
  document(): OpenApiDocument;
  /** The methods that a path has; empty: there is no such path. */
  methodsOf(path: string): string[];
}

export function createDocumentation(version: string): Documentation {
  const routes: DocumentedRoute[] = [];
  let built: OpenApiDocument | undefined;
  return {
    gather: (app) => {
      app.addHook('onRoute', (route) => {
        if (route.method !== 'HEAD') routes.push(documentRoute(route));
      });
    },
    document: () => {
      built ??= buildDocument(routes, version);
      return built;
    },
    methodsOf: (path) => [
      ...new Set(
        routes
          .filter(({ url }) => patternOf(url).test(path))
          .flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method])),
      ),
    ],
  };
}

function patternOf(url: string): RegExp {
  const escaped = url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+');
  return new RegExp(`^${escaped}$`);
}

/** `GET /v1/openapi.json` and `GET /docs`: open to everybody, since they say nothing of anybody. */
export function addDocumentationRoutes(app: FastifyInstance, documentation: Documentation): void {
  const { document } = documentation;
  const answerWrong = answerWrongMethod(documentation);
  // QUERY without a body would be refused for that before the path is looked at
  app.addHook('onRequest', (request, reply, done) => {
    if (request.is404 && request.method === 'QUERY') answerWrong(request, reply);
    else done();
  });
  app.get('/v1/openapi.json', async () => document());
  app.get('/docs', async (_request, reply) => reply.headers(PAGE_HEADERS).send(renderPage(document())));
}

/** RFC 9110: a path that is there says which methods it has. */
export function answerWrongMethod({ methodsOf }: Documentation) {
  return (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const methods = methodsOf(request.url.split('?')[0] ?? '');
    if (methods.length === 0) return answerNotFound(request, reply);
    void reply.header('allow', methods.join(', '));
    const error = new HttpError(405, 'method-not-allowed', `this path has ${methods.join(', ')}`);
    return answerError(error, request, reply);
  };
}
