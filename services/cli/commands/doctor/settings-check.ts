import type { findings } from './check.ts';
import type { CdrSettings, CurlBinding } from './module-settings.ts';

type Findings = Pick<ReturnType<typeof findings>, 'ok' | 'warning' | 'failed'>;

/** What should be so, what is so where it is not, and what to do about it. */
interface Rule {
  isKept: boolean;
  result: 'warning' | 'failed';
  says: string;
  todo: string;
}

/** Judges what mod_xml_cdr is told to do; undefined: the node does not say. */
export function checkCdrSettings(to: Findings, settings: CdrSettings | undefined): void {
  if (settings === undefined) return;
  const file = 'xml_cdr.conf.xml';
  const { urls, hasCredential, timeout, retries, postsBLegs } = settings;
  if (urls.length === 0) {
    to.failed('mod_xml_cdr has no url', `name service cdr in ${file}`);
    return;
  }
  apply(to, 'mod_xml_cdr', [
    {
      isKept: hasCredential,
      result: 'failed',
      says: 'posts without a credential',
      todo: `cred in ${file}`,
    },
    {
      isKept: postsBLegs,
      result: 'failed',
      says: 'posts no b-legs: a call has half of its history',
      todo: `log-b-leg=true in ${file}`,
    },
    {
      isKept: timeout > 0,
      result: 'warning',
      says: 'waits for ever, and its channels with it',
      todo: `timeout=5 in ${file}`,
    },
    {
      isKept: retries > 0,
      result: 'warning',
      says: 'posts once and gives up',
      todo: `retries=2 and delay=1 in ${file}`,
    },
    {
      isKept: isChecked(urls, settings),
      result: 'warning',
      says: 'takes any certificate',
      todo: `enable-cacert-check=true in ${file}`,
    },
  ]);
}

/** Judges what mod_xml_curl is told to ask, and whom; undefined: the node does not say. */
export function checkCurlBindings(to: Findings, bindings: readonly CurlBinding[] | undefined): void {
  if (bindings === undefined) return;
  const file = 'xml_curl.conf.xml';
  const asked = bindings.filter(
    ({ sections }) => sections === '' || sections.split('|').includes('directory'),
  );
  if (asked.length === 0) {
    to.failed('mod_xml_curl asks nobody for the directory', `bindings="directory" in ${file}`);
    return;
  }
  apply(to, 'mod_xml_curl', [
    {
      isKept: asked.every(({ hasCredential }) => hasCredential),
      result: 'failed',
      says: 'asks without a credential',
      todo: `gateway-credentials in ${file}`,
    },
    {
      isKept: asked.every(({ timeout }) => timeout > 0),
      result: 'warning',
      says: 'waits for ever, and the call with it',
      todo: `timeout=3 in ${file}`,
    },
    {
      isKept: asked.every((binding) => isChecked([binding.url], binding)),
      result: 'warning',
      says: 'takes any certificate: who answers in our place runs commands on the node',
      todo: `enable-cacert-check and enable-ssl-verifyhost in ${file}`,
    },
  ]);
}

function apply(to: Findings, module: string, rules: readonly Rule[]): void {
  const broken = rules.filter(({ isKept }) => !isKept);
  for (const { result, says, todo } of broken) to[result](`${module} ${says}`, todo);
  if (broken.length === 0) to.ok(`${module} is set up as it should be`);
}

function isChecked(urls: readonly string[], { checksCertificate }: { checksCertificate: boolean }): boolean {
  return checksCertificate || !urls.some((url) => url.toLowerCase().startsWith('https:'));
}
