import { isKnownVariable } from './known-variables.ts';

/** The word of the list that stands for every variable that FreeSWITCH does not set by itself, headers aside. */
export const CUSTOM = '@custom';

export const DEFAULT_KEPT_VARIABLES: readonly string[] = ['sip_h_X-*', CUSTOM];

/** Always kept: searches of calls by their quality read them. */
const QUALITY: ReadonlySet<string> = new Set([
  'rtp_audio_in_jitter_max_variance',
  'rtp_audio_in_jitter_loss_rate',
  'rtp_audio_in_skip_packet_count',
]);

/**
 * Makes the test for `variables` from the configured list: names, beginnings that end in `*` (headers ignore case), and `@custom`.
 */
export function keptVariables(patterns: readonly string[]): (name: string) => boolean {
  const names = new Set([...QUALITY, ...patterns.filter((pattern) => !pattern.endsWith('*'))]);
  const beginnings = patterns
    .filter((pattern) => pattern.endsWith('*'))
    .map((pattern) => pattern.slice(0, -1));
  const beginning = new RegExp(`^(?:${beginnings.map(literal).join('|')})`, 'i');
  const custom = names.has(CUSTOM);
  return (name) => {
    if (names.has(name) || (beginnings.length > 0 && beginning.test(name))) return true;
    return custom && !SIP.test(name) && !isKnownVariable(name);
  };
}

const SIP = /^sip_/i;

/** A text as a regular expression that matches it and nothing else. */
function literal(text: string): string {
  return text.replace(/[\^$.*+?()[\]{}|\\]/g, '\\$&');
}
