import { Counter, type Registry } from 'prom-client';
import type { Logger } from '../../libs/telemetry/logger.ts';
import type { Answer } from './answers.ts';

/** Lists whose last number is remembered; FreeSWITCH asks for the same ones again and again. */
const MAX_LISTS = 1_000;

/**
 * Says when a list was longer than FreeSWITCH takes: by a metric each time, by a line in the log when the number of a
 * domain's list changes.
 */
export function createLeftOutReport(metrics: Registry, logger: Logger): (answer: Answer) => void {
  const counter = new Counter({
    name: 'switchfleet_directory_users_left_out_total',
    help: 'Users that did not fit into an answer: FreeSWITCH takes 1 MiB at the most',
    labelNames: ['kind'],
    registers: [metrics],
  });
  const said = new Map<string, number>();

  return ({ kind, leftOut }) => {
    if (leftOut === undefined) return;
    const { domain, users } = leftOut;
    counter.inc({ kind }, users);
    const list = `${kind} ${domain}`;
    if (said.get(list) === users) return;
    if (said.size >= MAX_LISTS) said.clear();
    said.set(list, users);
    logger.warn(
      { domain, kind, left_out: users },
      'a list is longer than FreeSWITCH takes; its end is left out',
    );
  };
}
