import { isIP } from 'node:net';
import type { Pool } from 'pg';
import { Counter, type Registry } from 'prom-client';
import type { Clock } from '../../libs/clock/clock.ts';
import { messageOf } from '../../libs/errors/coded-error.ts';
import type { LookupForm } from '../../libs/freeswitch/xml/form.ts';
import { recordDiscovery } from '../../libs/provisioning/nodes.sql.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import type { DirectoryModel } from './model/directory-model.ts';

export interface NewcomersOptions {
  pool: Pool;
  clock: Pick<Clock, 'nowUs'>;
  logger: Logger;
  metrics: Registry;
  instance: string;
}

/** Looks at a question that came with the shared credential: is the server that asks one that nobody configured? */
export type NoticeNewcomer = (form: LookupForm, model: DirectoryModel) => void;

/** A name that a node can be configured by: who has another cannot be taken in. */
const SWITCHNAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** A server asks several times a second; it is written down once in that time. */
const INTERVAL_US = 60_000_000;
/** Names in that time. Whoever has the credential can make them up: those above it are not written down. */
const MAX_NAMES = 256;
const REASON = 'it asks for its directory, with the credential that all servers share';

/**
 * Writes down servers that greet us first (FreeSWITCH asks for its directory when it starts), for somebody to take them in.
 * Nobody waits for it: a database that is away costs the note, never an answer.
 */
export function createNewcomers(options: NewcomersOptions): NoticeNewcomer {
  const { pool, clock, logger, metrics, instance } = options;
  const notedUs = new Map<string, number>();
  const counter = new Counter({
    name: 'switchfleet_directory_newcomers_total',
    help: 'Servers that nobody configured and that asked, once a minute each: written, failed, or left out above the limit',
    labelNames: ['result'],
    registers: [metrics],
  });

  function mayNote(switchname: string): boolean {
    const nowUs = clock.nowUs();
    if (nowUs - (notedUs.get(switchname) ?? 0) < INTERVAL_US) return false;
    if (notedUs.size >= MAX_NAMES) forgetOld(notedUs, nowUs);
    if (notedUs.size < MAX_NAMES) notedUs.set(switchname, nowUs);
    else counter.inc({ result: 'left-out' });
    return notedUs.has(switchname);
  }

  return (form, model) => {
    const switchname = form.get('hostname') ?? '';
    if (model.fleet.node(switchname) !== undefined || !SWITCHNAME.test(switchname)) return;
    if (!mayNote(switchname)) return;
    recordDiscovery(pool, {
      switchname,
      address: addressOf(form),
      seenBy: `directory ${instance}`,
      reason: REASON,
    }).then(
      () => counter.inc({ result: 'written' }),
      (error) => {
        counter.inc({ result: 'failed' });
        logger.warn({ reason: messageOf(error), switchname }, 'a new server could not be written down');
      },
    );
  };
}

function forgetOld(notedUs: Map<string, number>, nowUs: number): void {
  for (const [switchname, atUs] of notedUs) if (nowUs - atUs >= INTERVAL_US) notedUs.delete(switchname);
}

/** What the server takes for its own address: a load balancer may stand between it and us. */
function addressOf(form: LookupForm): string | null {
  const told = form.get('FreeSWITCH-IPv4') ?? '';
  return isIP(told) === 0 ? null : told;
}
