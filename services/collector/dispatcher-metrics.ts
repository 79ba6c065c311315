import { Gauge, type Registry } from 'prom-client';
import { type DispatcherTarget, readTargets } from '../../libs/kamailio/dispatcher-targets.ts';
import { callKamailio } from '../../libs/kamailio/json-rpc.ts';
import type { Pool } from '../../libs/postgres/database.ts';
import { createQuestion } from '../../libs/telemetry/question.ts';
import { type KamailioProxy, readDispatchMembers, readKamailios, readSetNames } from './dispatch.sql.ts';

/** What one Kamailio answered; no targets when it did not. */
interface Answer {
  proxy: string;
  targets: DispatcherTarget[] | undefined;
}

/** Kamailio is asked over HTTP while Prometheus waits: its workers are few, so not longer than this. */
const RPC_MS = 1_500;

/**
 * Registers which nodes are in which dispatch set, and the states of the dispatcher's targets as each Kamailio with a `rpc_url` says over JSON-RPC: the module itself
 * exports none. 1 is a target that takes calls.
 */
export function showDispatchers(metrics: Registry, pool: Pool): void {
  const proxies = createQuestion(() => readKamailios(pool), { freshMs: 30_000 });
  const names = createQuestion(() => readSetNames(pool), { freshMs: 30_000 });
  const answers = createQuestion(async () => Promise.all(((await proxies()) ?? []).map(ask)));
  const members = createQuestion(() => readDispatchMembers(pool));
  new Gauge({
    name: 'switchfleet_dispatch_member',
    help: 'Always 1; the nodes of each dispatch set that may take calls, as they are configured',
    labelNames: ['set_id', 'set_name', 'node'],
    registers: [metrics],
    async collect() {
      const known = (await members()) ?? [];
      this.reset();
      for (const { set_id, set_name, node } of known) this.set({ set_id, set_name, node }, 1);
    },
  });
  new Gauge({
    name: 'kamailio_rpc_up',
    help: '1 when the JSON-RPC of a Kamailio answered',
    labelNames: ['proxy'],
    registers: [metrics],
    async collect() {
      const known = (await answers()) ?? [];
      this.reset();
      for (const { proxy, targets } of known) this.set({ proxy }, targets === undefined ? 0 : 1);
    },
  });
  new Gauge({
    name: 'kamailio_dispatcher_list_target',
    help: "1 when a target of a Kamailio's dispatcher takes calls",
    labelNames: ['proxy', 'destination', 'set_id', 'set_name'],
    registers: [metrics],
    async collect() {
      const [known = [], sets] = await Promise.all([answers(), names()]);
      this.reset();
      for (const { proxy, targets = [] } of known)
        for (const { destination, setId, isActive } of targets) {
          const set_name = sets?.get(setId) ?? String(setId);
          this.set({ proxy, destination, set_id: String(setId), set_name }, isActive ? 1 : 0);
        }
    },
  });
}

async function ask({ name, rpcUrl }: KamailioProxy): Promise<Answer> {
  try {
    const result = await callKamailio({ url: rpcUrl, method: 'dispatcher.list', timeoutMs: RPC_MS });
    return { proxy: name, targets: readTargets(result) };
  } catch {
    return { proxy: name, targets: undefined };
  }
}
