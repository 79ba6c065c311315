import { Type } from 'typebox';

/** The headings of the document, in their order. */
export const TAGS = {
  calls: 'Calls, legs and their CDRs: what happened',
  reports: 'Figures over calls, from sums that are kept by the hour',
  live: 'What happens now, as a stream',
  users: 'Tenants, domains, users and groups: who may register and be called',
  routing: 'DIDs, trunks and trunk routes: where calls go, and why',
  fleet: 'Nodes, proxies, dispatch sets and regions: the servers',
  system: 'How switchfleet itself is doing',
  access: 'Tokens, and who changed what',
} as const;

/** RFC 9457 problem details. */
export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String({ description: 'stable: programs decide by it' }),
    detail: Type.String({ description: 'for people' }),
    errors: Type.Optional(
      Type.Array(Type.Object({ field: Type.String(), reason: Type.String() }), {
        description: 'each field that is wrong',
      }),
    ),
    details: Type.Optional(
      Type.Object({}, { additionalProperties: true, description: 'more, by the code of the problem' }),
    ),
  },
  { title: 'Problem' },
);

/** When each problem is given. */
export const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'The request cannot be read: `errors` names the fields',
  401: 'There is no token, or it does not count (any more)',
  403: 'The token may not do this',
  404: 'There is no such thing, or it is not yours',
  409: 'It is there already, or something stands in the way',
  412: 'It changed since you read it: `details.current` has it as it is',
  413: 'The body is too large',
  414: 'A part of the path is longer than any name',
  415: 'The body is of a kind that is not read here',
  416: 'There is no such part of the file',
  422: 'A value cannot be: `errors` says why, in the terms of the field',
  428: 'Say in If-Match which version you change',
  429: 'Too many requests or refusals in a minute: Retry-After says when to come again',
  500: 'Something broke here; the log has it',
  502: 'Somebody we asked did not answer as they should',
  503: 'The database is away or was too slow: Retry-After says when to come again. An empty answer is never given instead',
};
