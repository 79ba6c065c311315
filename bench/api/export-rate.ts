import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { CALL_EXPORT } from '../../libs/store/export/export-column.ts';
import { rowFormat } from '../../libs/store/export/row-format.ts';
import { type Figure, figure, median } from '../figure.ts';
import type { Api } from './api-process.ts';
import { beside } from './search-time.ts';

const PATH = '/v1/calls/export';
const MEGABYTE = 1024 * 1024;

/** The whole month as CSV: first byte, rows a second beside psql's COPY of the same query, and growth of the api's memory. */
export async function exportFigures(api: Api, connectionString: string, rounds: number): Promise<Figure[]> {
  await readExport(api);
  const firsts: number[] = [];
  for (let round = 0; round < rounds * 3; round += 1) firsts.push(await firstByte(api));
  const [ours, theirs, growths]: number[][] = [[], [], []];
  for (let round = 0; round < rounds; round += 1) {
    theirs?.push(await copyByPsql(connectionString));
    const { rowsPerSecond, growth } = await readExport(api);
    ours?.push(rowsPerSecond);
    growths?.push(growth);
  }
  return [
    figure('api.export_first_byte_ms', median(firsts), 'ms', 'lower'),
    beside({
      name: 'api.export_rows',
      value: median(ours ?? []),
      baseline: median(theirs ?? []),
      unit: 'rows/s',
      better: 'higher',
    }),
    figure('api.export_rss_growth_mb', Math.max(...(growths ?? [])), 'MB', 'lower'),
  ];
}

async function firstByte(api: Api): Promise<number> {
  const began = performance.now();
  const response = await api.open(PATH);
  const reader = response.body?.getReader();
  await reader?.read();
  const took = performance.now() - began;
  await reader?.cancel();
  return took;
}

async function readExport(api: Api): Promise<{ rowsPerSecond: number; growth: number }> {
  const before = await api.rss();
  let most = before;
  const watch = setInterval(() => {
    api.rss().then(
      (rss) => {
        most = Math.max(most, rss);
      },
      () => undefined,
    );
  }, 100);
  try {
    const began = performance.now();
    let rows = -1;
    const response = await api.open(PATH);
    for await (const piece of response.body ?? []) rows += countLines(piece);
    return { rowsPerSecond: (rows * 1000) / (performance.now() - began), growth: (most - before) / MEGABYTE };
  } finally {
    clearInterval(watch);
  }
}

function countLines(piece: Uint8Array): number {
  let lines = 0;
  for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) lines += 1;
  return lines;
}

/** Rows a second of psql, which writes to a pipe that we read as well. */
async function copyByPsql(connectionString: string): Promise<number> {
  const { select } = rowFormat('csv', CALL_EXPORT);
  const copy = `copy (select ${select} from calls c where c.merged_into is null order by c.id desc) to stdout with (format csv, header)`;
  const began = performance.now();
  const psql = spawn('psql', ['--no-psqlrc', '--quiet', '--command', copy, connectionString], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let rows = -1;
  psql.stdout.on('data', (piece: Buffer) => {
    rows += countLines(piece);
  });
  const [code] = await once(psql, 'close');
  if (code !== 0) throw new Error(`psql ended with ${code}`);
  return (rows * 1000) / (performance.now() - began);
}
