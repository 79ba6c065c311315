import { CodedError, messageOf } from '../../../../libs/errors/coded-error.ts';
import { EslSession } from '../../../../libs/freeswitch/esl/session.ts';
import type { Pool } from '../../../../libs/postgres/database.ts';
import type { SecretBox } from '../../../../libs/sealing/secret-box.ts';
import { readLookups } from '../../../../libs/store/node-lookups.sql.ts';
import type { Gathered } from './check.ts';
import { readCdrSettings, readCurlBindings } from './module-settings.ts';
import type { NodeAnswers, NodeFacts } from './node-check.ts';
import { type KnownNode, type NodeTraces, readKnownNodes, readTraces } from './node-facts.sql.ts';

const LIMITS = { connectMs: 3_000, loginMs: 3_000, commandMs: 3_000 };
const MODULES = ['mod_xml_curl', 'mod_xml_cdr'];
/** Nodes that are asked at once. */
const ABREAST = 10;
const NO_TRACES: NodeTraces = { heard: 0, heardWithCdr: 0, posted: 0, postedWithEvents: 0, lastCdr: null };

/** Logs in to every node that is not disabled, and looks at what it gave us: questions, events and CDRs. */
export async function readNodeFacts(pool: Pool, box: () => Promise<SecretBox>): Promise<NodeFacts[]> {
  const nodes = await readKnownNodes(pool);
  const [traces, lookups] = [await readTraces(pool), await readLookups(pool)];
  const facts: NodeFacts[] = [];
  for (let at = 0; at < nodes.length; at += ABREAST) {
    const some = nodes.slice(at, at + ABREAST).map(async (node) => ({
      switchname: node.switchname,
      state: node.state,
      answers: node.state === 'disabled' ? null : await ask(node, box),
      lastLookup: lookups.get(node.switchname) ?? null,
      ...(traces.get(node.switchname) ?? NO_TRACES),
    }));
    facts.push(...(await Promise.all(some)));
  }
  return facts;
}

async function ask(node: KnownNode, box: () => Promise<SecretBox>): Promise<Gathered<NodeAnswers>> {
  let session: EslSession | undefined;
  try {
    session = await login(node, box);
    return { value: await question(session) };
  } catch (error) {
    return { problem: messageOf(error) };
  } finally {
    session?.close('asked');
  }
}

async function login({ host, port, sealed }: KnownNode, box: () => Promise<SecretBox>): Promise<EslSession> {
  const password = (await box()).open(sealed);
  const ignore = () => undefined;
  return EslSession.open(
    { host, port, password, limits: LIMITS },
    { onEvent: ignore, onFault: ignore, onBytes: ignore },
  );
}

async function question(session: EslSession): Promise<NodeAnswers> {
  const switchname = (await session.api('switchname')).trim();
  if (switchname.startsWith('-ERR')) throw new CodedError('node-silent', 'the node does not tell its name');
  const askedMs = Date.now();
  const epoch = Number(await session.api('strepoch'));
  const clockOffset = secondsOff(epoch, askedMs, Date.now());
  const modules: Record<string, boolean | null> = {};
  for (const name of MODULES) {
    const answer = (await session.api(`module_exists ${name}`)).trim();
    modules[name] = answer === 'true' ? true : answer === 'false' ? false : null;
  }
  const located = (name: string) => session.api(`xml_locate configuration configuration name ${name}`);
  return {
    switchname,
    clockOffset,
    modules,
    cdrSettings: modules['mod_xml_cdr'] ? readCdrSettings(await located('xml_cdr.conf')) : undefined,
    curlBindings: modules['mod_xml_curl'] ? readCurlBindings(await located('xml_curl.conf')) : undefined,
  };
}

/** `strepoch` tells whole seconds: only what is beyond the second that it leaves open is an offset. */
function secondsOff(epoch: number, fromMs: number, toMs: number): number | null {
  if (!Number.isInteger(epoch) || epoch <= 0) return null;
  const earliest = epoch - toMs / 1000;
  const latest = epoch + 1 - fromMs / 1000;
  if (earliest > 0) return earliest;
  return Math.min(latest, 0);
}
