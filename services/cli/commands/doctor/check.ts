/** What was found out about one thing. */
export interface Finding {
  /** configuration, database, kafka, services, node fs01, kamailio kam1 */
  about: string;
  result: 'ok' | 'warning' | 'failed';
  /** what is so, in one line */
  says: string;
  /** what to do about it; none when it is ok */
  todo: string | undefined;
}

/** Findings about one thing, written one after the other. */
export function findings(about: string) {
  const found: Finding[] = [];
  const add = (result: Finding['result']) => (says: string, todo?: string) => {
    found.push({ about, result, says, todo });
  };
  return { found, ok: add('ok'), warning: add('warning'), failed: add('failed') };
}

/** A fact, or why it could not be had. */
export type Gathered<T> = { value: T } | { problem: string };

/** 1 when something failed; warnings alone are no failure. */
export function exitCodeOf(all: readonly Finding[]): number {
  return all.some(({ result }) => result === 'failed') ? 1 : 0;
}

/** `failed   database  …: do this`, aligned. */
export function toLine({ about, result, says, todo }: Finding): string {
  return `${result.padEnd(8)} ${about.padEnd(16)} ${says}${todo === undefined ? '' : `: ${todo}`}`;
}
