import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

const FOLDER = new URL('../../integrations/prometheus/', import.meta.url);

export interface AlertRule {
  file: string;
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: string; window?: string };
  annotations: { summary: string; runbook_url: string };
}

export interface RuleFile {
  groups: { name: string; rules: (Omit<AlertRule, 'file'> & { record?: string })[] }[];
}

/** Names of the files of a folder below integrations/prometheus, with their folder. */
export function prometheusFiles(folder: 'rules' | 'tests'): string[] {
  return readdirSync(new URL(`${folder}/`, FOLDER)).map((file) => `${folder}/${file}`);
}

export function readYaml<T>(file: string): T {
  return parse(readFileSync(new URL(file, FOLDER), 'utf8')) as T;
}

/** Every rule that alerts. */
export function alertRules(): AlertRule[] {
  return prometheusFiles('rules').flatMap((file) =>
    readYaml<RuleFile>(file).groups.flatMap(({ rules }) =>
      rules.flatMap((rule) => (rule.record === undefined ? [{ ...rule, file }] : [])),
    ),
  );
}

/** All expressions of the rules, recording ones as well. */
export function ruleExpressions(): string[] {
  return prometheusFiles('rules').flatMap((file) =>
    readYaml<RuleFile>(file).groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)),
  );
}
