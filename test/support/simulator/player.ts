import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../../libs/clock/clock.ts';
import { CodedError } from '../../../libs/errors/coded-error.ts';
import { type Act, Agenda } from './agenda.ts';
import type { Cast } from './cast.ts';
import type { Script } from './script.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { Stage } from './stage.ts';

/** A script with its cast, and when its first item is due (µs of the clock). */
export interface Take {
  script: Script;
  cast: Cast;
  startUs: number;
  /** Seconds of the recording in a second of the clock; Infinity plays as fast as the listeners read. */
  speed: number;
}

export interface PlayerOptions {
  stage: Stage;
  clock: Clock;
  nodes: readonly SimulatedNode[];
  /** Waits for slow listeners, which FreeSWITCH never does: for `speed: Infinity`. */
  patient: boolean;
  signal: AbortSignal;
}

/** Requests under way above this hold everything back, as a full FreeSWITCH has no thread left. */
const MOST_BUSY = 1_000;
const MOST_BUSY_PATIENT = 64;
const MOST_BACKLOG_PATIENT = 500;
const ITEMS_A_TURN = 256;
const PATIENCE_MS = 30_000;

/** The act of a take: item after item, each when it is due. */
export function actOf({ script, cast, startUs, speed }: Take, stage: Stage): Act {
  const dueUs = (at: number) => {
    const item = script.items[at];
    return item === undefined ? undefined : startUs + (item.atUs - script.startUs) / speed;
  };
  let position = 0;
  return {
    dueUs: startUs,
    act: () => {
      const item = script.items[position];
      if (item !== undefined) stage.perform(item, cast);
      position += 1;
      return dueUs(position);
    },
  };
}

/** Plays acts in the order of time until none is left or the signal aborts; then waits for the requests under way. */
export class Player {
  /** How late the latest act was, µs of the clock: a sign that this machine can't keep up. */
  maxLagUs = 0;
  readonly agenda = new Agenda();
  readonly #options: PlayerOptions;

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { clock, signal, stage } = this.#options;
    for (let played = 0; this.agenda.next !== undefined && !signal.aborted; played += 1) {
      const waitUs = this.agenda.next.dueUs - clock.nowUs();
      if (waitUs > 0) await clock.sleep(waitUs / 1000, signal).catch(ignoreAbort);
      else if (played % ITEMS_A_TURN === 0) await nextTurn();
      if (signal.aborted) break;
      this.maxLagUs = Math.max(this.maxLagUs, -waitUs);
      this.agenda.step();
      await stage.settled();
      await this.#waitForRoom();
    }
    await stage.allDone();
  }

  async #waitForRoom(): Promise<void> {
    const { stage, nodes, patient, signal } = this.#options;
    while (stage.busy >= (patient ? MOST_BUSY_PATIENT : MOST_BUSY)) await stage.someDone();
    if (!patient) return;
    const deadline = performance.now() + PATIENCE_MS;
    while (!signal.aborted && nodes.some(({ backlog }) => backlog > MOST_BACKLOG_PATIENT)) {
      if (performance.now() > deadline)
        throw new CodedError('listener-stalled', 'a listener reads nothing any more');
      await sleep(1);
    }
  }
}

/** An aborted sleep is how a take is stopped, not a fault. */
function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}
