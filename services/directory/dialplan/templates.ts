import type { Destination } from './destination.ts';

/** One application of FreeSWITCH and its data, which FreeSWITCH expands: built of checked parts only. */
export type Action = readonly [application: string, data?: string];

/** What a template may use beside the destination itself. */
export interface TemplateParts {
  /** how the user is called; undefined: no name of it is fit */
  dialString?: string | undefined;
  /** where calls to the world go; undefined: nowhere */
  outsideString?: string | undefined;
  /** where the DID's calls go whose destination cannot be reached; undefined: nowhere */
  forwardString?: string | undefined;
  /** another node sent the call here for this user, and waits for what comes of it */
  isRungElsewhere?: boolean | undefined;
}

const RING_SECONDS = 30;
/** The world says by itself when nobody answers; a proxy waits as long. */
const RING_OUTSIDE_SECONDS = 120;

/** For a trunk that this node is not registered with: the proxy goes on to its next route. */
const UNAVAILABLE_ACTIONS: readonly Action[] = [
  ['respond', '503 Service Unavailable'],
  ['hangup', 'NORMAL_TEMPORARY_FAILURE'],
];

/** What a node does with a call, one template a kind of destination. A template without actions is a 404. */
const TEMPLATES: {
  [Type in Destination['type']]: (
    destination: Extract<Destination, { type: Type }>,
    parts: TemplateParts,
  ) => readonly Action[];
} = {
  extension: ({ user, domain }, { dialString, forwardString, isRungElsewhere }) => {
    if (dialString === undefined) return [];
    const mailbox = user.vm_enabled && !isRungElsewhere ? leaveMessage(user.user_id, domain.key) : [];
    const then = [...forward(forwardString), ...mailbox];
    return [...ring(then.length > 0), ['bridge', dialString], ...then];
  },
  voicemail: ({ user, domain }) => (user.vm_enabled ? leaveMessage(user.user_id, domain.key) : []),
  queue: ({ name, domain }) => [['answer'], ['callcenter', `${name}@${domain.key}`]],
  ivr: ({ name, domain }) => [['answer'], ['sleep', '500'], ['ivr', `${name}@${domain.key}`]],
  // What follows an @ is the conference profile; nothing else may stand between name and domain in either of them.
  conference: ({ name, domain }) => [['answer'], ['conference', `${name}~${domain.key}@default`]],
  external: ({ gateway }, { outsideString, forwardString }) => {
    if (outsideString === undefined) return gateway === undefined ? [] : UNAVAILABLE_ACTIONS;
    const then = forward(forwardString);
    return [...ring(then.length > 0, RING_OUTSIDE_SECONDS), ['bridge', outsideString], ...then];
  },
};

/** For what leads nowhere. `respond` ends SIP calls, `hangup` the others. */
export const NOT_FOUND_ACTIONS: readonly Action[] = [
  ['respond', '404 Not Found'],
  ['hangup', 'UNALLOCATED_NUMBER'],
];

/** The actions for a destination. */
export function actionsFor(destination: Destination, parts: TemplateParts): readonly Action[] {
  const template = TEMPLATES[destination.type] as (
    destination: Destination,
    parts: TemplateParts,
  ) => readonly Action[];
  const actions = template(destination, parts);
  return actions.length > 0 ? actions : NOT_FOUND_ACTIONS;
}

function ring(goesOnWhenFailed: boolean, seconds: number = RING_SECONDS): Action[] {
  return [
    ['set', 'hangup_after_bridge=true'],
    ['set', `continue_on_fail=${goesOnWhenFailed}`],
    ['set', `call_timeout=${goesOnWhenFailed ? RING_SECONDS : seconds}`],
  ];
}

/** What is reached only when the bridge before it failed: an answered one hangs up behind itself. */
function forward(forwardString: string | undefined): Action[] {
  return forwardString === undefined ? [] : [['bridge', forwardString]];
}

function leaveMessage(user: string, domain: string): Action[] {
  return [['answer'], ['sleep', '1000'], ['voicemail', `default ${domain} ${user}`]];
}
