import { createHash } from 'node:crypto';
import type { OpenApiDocument } from './document.ts';

type Json = Readonly<Record<string, unknown>>;

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
h2 { border-bottom: 1px solid; margin-top: 2.5rem; }
details { margin: .4rem 0; } details > *:not(summary) { margin-left: 1rem; }
summary { cursor: pointer; } code, pre { font: .85rem/1.5 ui-monospace, monospace; }
pre { overflow-x: auto; padding: .5rem; border: 1px solid #8886; }
table { border-collapse: collapse; } td, th { text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0; }
b.method { display: inline-block; min-width: 4rem; }
`;

/** The page needs its own style and nothing else: no script, no other host. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
};

/** The document as a page for people. */
export function renderPage(document: OpenApiDocument): string {
  const { info, tags = [], components } = document;
  const schemas = Object.entries((components as { schemas?: Json } | undefined)?.schemas ?? {});
  const sections = (tags as { name: string; description: string }[]).map(
    ({ name, description }) =>
      `<h2 id="${toHtml(name)}">${toHtml(name)}</h2><p>${toHtml(description)}</p>${operationsOf(document, name)}`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${toHtml(info['title'])} api</title><style>${STYLE}</style></head><body>
<h1>${toHtml(info['title'])} api ${toHtml(info['version'])}</h1>
<p>${toHtml(info['description'])} Send a token as <code>Authorization: Bearer …</code>. For programs:
<a href="/v1/openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
${sections.join('\n')}
<h2>Schemas</h2>${schemas.map(([name, schema]) => renderSchema(name, schema)).join('\n')}
</body></html>`;
}

function operationsOf({ paths }: OpenApiDocument, tag: string): string {
  return Object.entries(paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, operation]) => (operation['tags'] as string[]).includes(tag))
        .map(([method, operation]) => renderOperation(method, path, operation)),
    )
    .join('\n');
}

function renderOperation(method: string, path: string, operation: Json): string {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  const body = requestBody === undefined ? '' : `<h4>Body</h4>${renderContent(requestBody as Json)}`;
  return `<details id="${toHtml(operationId)}"><summary><b class="method">${toHtml(method.toUpperCase())}</b>
<code>${toHtml(path)}</code> ${toHtml(summary)}</summary><p>${toHtml(description).replaceAll('\n\n', '<br>')}</p>
${renderParameters(parameters as Json[])}${body}<h4>Answers</h4>${renderResponses(responses as Record<string, Json>)}</details>`;
}

function renderParameters(parameters: readonly Json[]): string {
  if (parameters.length === 0) return '';
  const rows = parameters.map(
    ({ name, in: place, required, description, schema }) =>
      `<tr><td><code>${toHtml(name)}</code></td><td>${toHtml(place)}${required ? ', needed' : ''}</td>
<td>${toHtml(description ?? '')} <code>${linked(schema)}</code></td></tr>`,
  );
  return `<table>${rows.join('')}</table>`;
}

function renderResponses(responses: Record<string, Json>): string {
  return Object.entries(responses)
    .map(([status, response]) => {
      if (typeof response['$ref'] === 'string') return `<p>${toHtml(status)} problem</p>`;
      return `<p>${toHtml(status)} ${toHtml(response['description'])}</p>${renderContent(response)}`;
    })
    .join('\n');
}

function renderContent({ content = {} }: Json): string {
  return Object.entries(content as Record<string, Json>)
    .map(([type, { schema }]) => `<p><code>${toHtml(type)}</code></p><pre>${linked(schema)}</pre>`)
    .join('\n');
}

function renderSchema(name: string, schema: unknown): string {
  return `<details id="schema-${toHtml(name)}"><summary><code>${toHtml(name)}</code></summary><pre>${linked(schema)}</pre></details>`;
}

/** JSON with its references as links. */
function linked(schema: unknown): string {
  return toHtml(JSON.stringify(schema, null, 2)).replace(
    /#\/components\/schemas\/(\w+)/g,
    (reference, name) => `<a href="#schema-${name}">${reference}</a>`,
  );
}

function toHtml(value: unknown): string {
  return String(value ?? '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
