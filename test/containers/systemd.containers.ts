import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { spoolFiles } from '../support/recorded-cdrs.ts';
import { until } from '../support/until.ts';
import { docker } from './docker.ts';
import { ROOT, startStores } from './stores.ts';

const MACHINE = 'switchfleet-machine:latest';
const BOOTED_MS = 60_000;
const READY_MS = 180_000;
const SERVICES = {
  directory: 3101,
  cdr: 3102,
  routing: 3103,
  collector: 3106,
  writer: 3107,
  merger: 3108,
  api: 3100,
};

/** A Debian whose init is systemd, with the checkout at /opt/switchfleet and the units where docs/operations.md puts them. */
async function bootMachine(
  machines: string[],
  network: string,
): Promise<(command: string) => Promise<string>> {
  const mounts = ['-v', `${ROOT}:/opt/switchfleet:ro`, '-v', '/sys/fs/cgroup:/sys/fs/cgroup:rw'];
  const words = [
    'run',
    '-d',
    // what systemd and the units' own walls need; not --privileged, which asks for more than root may have in a sandbox
    ...['SYS_ADMIN', 'NET_ADMIN'].flatMap((capability) => ['--cap-add', capability]),
    ...['--security-opt', 'seccomp=unconfined'],
    '--cgroupns',
    'host',
    '--network',
    network,
    '--tmpfs',
    '/run',
    '--tmpfs',
    '/tmp',
  ];
  const container = await docker([...words, ...mounts, MACHINE]);
  machines.push(container);
  const shell = (command: string) =>
    docker(['exec', container, 'sh', '-c', command], { timeoutMs: READY_MS });
  const isBooted = async () =>
    /running|degraded/.test(await shell('systemctl is-system-running || true').catch(() => ''));
  await until('systemd is up', isBooted, BOOTED_MS);
  await shell(chapter('systemd').replace(' && systemctl enable --now switchfleet-standalone', ''));
  await shell(`${WITHOUT_USER_NAMESPACE} && systemctl daemon-reload`);
  return shell;
}

/** In a container systemd makes no user namespaces: of the units' walls this one alone is left out here. */
const WITHOUT_USER_NAMESPACE = ['switchfleet-standalone', 'switchfleet@', 'switchfleet-cdr-shipper']
  .map((unit) => `/etc/systemd/system/${unit}.service.d`)
  .map((folder) => `mkdir -p ${folder} && printf '[Service]\\nPrivateUsers=no\\n' > ${folder}/container.conf`)
  .join(' && ');

/** The commands of a chapter of docs/operations.md. */
function chapter(name: string): string {
  const page = readFileSync(`${ROOT}/docs/operations.md`, 'utf8');
  const block = new RegExp(`^## ${name}\\n[\\s\\S]*?^\`\`\`sh\\n([\\s\\S]*?)^\`\`\``, 'm').exec(page)?.[1];
  assert.ok(block, name);
  return block;
}

function readyOf(shell: (command: string) => Promise<string>, port: number): Promise<boolean> {
  const script = `fetch("http://127.0.0.1:${port}/health/ready").then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))`;
  return shell(`node -e '${script}'`).then(
    () => true,
    () => false,
  );
}

test('each unit is started by systemd, becomes ready, and ends well', async (t) => {
  const machines: string[] = [];
  t.after(() => docker(['rm', '-f', '-v', ...machines]));
  const { network, environment } = await startStores(t);
  const shell = await bootMachine(machines, network);

  await t.test('switchfleet-standalone', async (t) => {
    await shell('systemctl start switchfleet-standalone');
    await until('standalone is ready', () => readyOf(shell, 3100), READY_MS).catch(async (error) =>
      assert.fail(`${error}\n${await shell('journalctl -u switchfleet-standalone --no-pager | tail -30')}`),
    );
    assert.match(await shell('ls -ld /var/lib/switchfleet'), /^drwx------.* switchfleet /);
    assert.match(await shell('journalctl -u switchfleet-standalone --no-pager'), /switchfleet/);
    await t.test('switchfleet-cdr-shipper, to that', () => ships(shell));
    await stopped(shell, 'switchfleet-standalone');
  });

  await t.test('switchfleet@ for every service', async () => {
    const lines = Object.entries(environment)
      .filter(([name]) => name !== 'DATA_DIR')
      .map(([name, value]) => `${name}=${value}`);
    await shell(`printf '%s\\n' ${lines.map((line) => `'${line}'`).join(' ')} > /etc/switchfleet/fleet.env`);
    await shell(
      'cp /opt/switchfleet/integrations/systemd/switchfleet@.service /etc/systemd/system/ && systemctl daemon-reload',
    );
    await shell(
      'set -a; . /etc/switchfleet/fleet.env; DATA_DIR=/tmp/migrate node /opt/switchfleet/services/cli/main.ts migrate',
    );
    for (const [service, port] of Object.entries(SERVICES)) {
      const unit = `switchfleet@${service}`;
      await shell(`systemctl start ${unit}`);
      await until(`${unit} is ready`, () => readyOf(shell, port), READY_MS).catch(async (error) =>
        assert.fail(`${error}\n${await shell(`journalctl -u ${unit} --no-pager | tail -30`)}`),
      );
      await stopped(shell, unit);
    }
  });
});

const SPOOL = '/var/log/freeswitch/xml_cdr_err';

/** A file that FreeSWITCH left is posted with the node's credential, and deleted when it is durable. */
async function ships(shell: (command: string) => Promise<string>): Promise<void> {
  const [file = assert.fail('no spool file')] = spoolFiles();
  const recorded = file.name.slice(ROOT.length + 1);
  await shell(`useradd --system freeswitch && install -d -o freeswitch ${SPOOL}`);
  await shell(`install -o freeswitch /opt/switchfleet/${recorded} ${SPOOL}`);
  await shell(
    `(umask 077; printf 'FREESWITCH_PASSWORD=%s\\n' "$(node -p 'require("/var/lib/switchfleet/secrets.json").freeswitchPassword')" > /etc/switchfleet/cdr-shipper.env)`,
  );
  await shell(
    'cp /opt/switchfleet/integrations/systemd/switchfleet-cdr-shipper.service /etc/systemd/system/',
  );
  await shell('systemctl daemon-reload && systemctl start switchfleet-cdr-shipper');
  const isEmpty = async () => (await shell(`ls ${SPOOL}`)) === '';
  await until('the file is posted', isEmpty, READY_MS).catch(async (error) =>
    assert.fail(`${error}\n${await shell('journalctl -u switchfleet-cdr-shipper --no-pager | tail -30')}`),
  );
  await stopped(shell, 'switchfleet-cdr-shipper');
}

/** Stops a unit, and asserts that it ended by itself with 0. */
async function stopped(shell: (command: string) => Promise<string>, unit: string): Promise<void> {
  await shell(`systemctl stop ${unit}`);
  const ended = await shell(`systemctl show -p Result -p ExecMainStatus -p NRestarts ${unit}`);
  assert.deepEqual(ended.split('\n').sort(), ['ExecMainStatus=0', 'NRestarts=0', 'Result=success'], unit);
}
