import { readdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import type { Bench, Figure } from './figure.ts';

/** `npm run bench` lists the benches; `npm run bench -- NAME [--json] [--option value]` runs one. */
async function main(words: string[]): Promise<void> {
  const { positionals, tokens } = parseArgs({
    args: words,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const options = readOptions(tokens ?? [], words);
  const name = positionals.find((word) => !Object.values(options).includes(word));
  const benches = await loadBenches();
  if (name === undefined) return list(benches);
  const bench = benches.find((candidate) => candidate.name === name);
  if (bench === undefined) {
    process.stderr.write(`there is no bench "${name}"; npm run bench lists them\n`);
    process.exitCode = 1;
    return;
  }
  await (words.includes('--json') ? printJson(bench, options) : printTable(bench, options));
}

type Tokens = ReturnType<typeof parseArgs>['tokens'];

/** `--minutes 10` and `--minutes=10`; `--json` is ours. */
function readOptions(tokens: NonNullable<Tokens> | [], words: string[]): Record<string, string> {
  const options: Record<string, string> = {};
  for (const token of tokens) {
    if (token.kind !== 'option' || token.name === 'json') continue;
    options[token.name] = token.value ?? words[token.index + 1] ?? '';
  }
  return options;
}

async function loadBenches(): Promise<Bench[]> {
  const files = (await readdir(import.meta.dirname)).filter((file) => file.endsWith('.bench.ts')).toSorted();
  return Promise.all(files.map(async (file) => (await import(`./${file}`)).bench as Bench));
}

function list(benches: readonly Bench[]): void {
  for (const { name, description } of benches) process.stdout.write(`${name.padEnd(12)} ${description}\n`);
}

async function printJson(bench: Bench, options: Record<string, string>): Promise<void> {
  for await (const figure of bench.run(options)) process.stdout.write(`${JSON.stringify(figure)}\n`);
}

async function printTable(bench: Bench, options: Record<string, string>): Promise<void> {
  const table = new Table({
    head: ['figure', 'value', 'unit', 'better', 'baseline', 'ratio'],
    colAligns: ['left', 'right', 'left', 'left', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for await (const figure of bench.run(options)) table.push(row(figure));
  process.stdout.write(`${table.toString()}\n`);
}

function row({ name, value, unit, better, baseline, ratio }: Figure): string[] {
  return [
    name,
    String(value),
    unit,
    better,
    baseline === null ? '—' : String(baseline),
    ratio === null ? '—' : String(ratio),
  ];
}

await main(process.argv.slice(2));
