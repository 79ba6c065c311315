import type { SimulatedEvent } from './simulated-event.ts';

interface Condition {
  header: string;
  value: string;
  /** `-value` keeps matching events away, `value` and `+value` let them through. */
  lets: boolean;
}

/**
 * The filters of one listener, as mod_event_socket's event_handler judges them: without any, all events pass; with some,
 * an event passes when a positive one matches, until a negative one does. `/…` is a regular expression.
 */
export class EventFilter {
  #conditions: Condition[] = [];

  /** Runs `filter ARGUMENTS` and answers as FreeSWITCH does. */
  command(argumentText: string): string {
    const [first, rest] = cut(argumentText.trimStart());
    const verb = first.toLowerCase();
    if (verb === 'delete' && rest !== undefined) return this.#delete(rest);
    const [header, value] = verb === 'add' && rest !== undefined ? cut(rest) : [first, rest];
    if (value === undefined) return '-ERR invalid syntax';
    this.#conditions.push(toCondition(header, value));
    return `+OK filter added. [${header}]=[${value}]`;
  }

  passes(event: SimulatedEvent): boolean {
    let passes = this.#conditions.length === 0;
    for (const condition of this.#conditions) {
      const value = headerOf(event, condition.header);
      if (value === undefined || (passes && condition.lets) || !matches(condition, value)) continue;
      if (!condition.lets) return false;
      passes = true;
    }
    return passes;
  }

  #delete(argumentText: string): string {
    const [header, value] = cut(argumentText);
    const doomed = ({ header: name, value: held }: Condition) =>
      name.toLowerCase() === header.toLowerCase() &&
      (value === undefined || held === toCondition(header, value).value);
    const all = header.toLowerCase() === 'all';
    this.#conditions = all ? [] : this.#conditions.filter((condition) => !doomed(condition));
    return `+OK filter deleted. [${header}][${value ?? ''}]`;
  }
}

function cut(text: string): [string, string | undefined] {
  const space = text.indexOf(' ');
  return space < 0 ? [text, undefined] : [text.slice(0, space), text.slice(space + 1)];
}

function toCondition(header: string, text: string): Condition {
  const [, signs = '', value = ''] = /^([+\- ]*)(.*)$/s.exec(text) ?? [];
  return { header, value, lets: signs.replaceAll(' ', '').at(-1) !== '-' };
}

function matches({ value }: Condition, held: string): boolean {
  if (!value.startsWith('/')) return held.toLowerCase() === value.toLowerCase();
  return new RegExp(value.slice(1).replace(/\/$/, '')).test(held);
}

function headerOf(event: SimulatedEvent, wanted: string): string | undefined {
  const exact = event.headers[wanted];
  if (exact !== undefined) return exact;
  const name = Object.keys(event.headers).find((key) => key.toLowerCase() === wanted.toLowerCase());
  return name === undefined ? undefined : event.headers[name];
}
