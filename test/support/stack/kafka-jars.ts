import { execFile } from 'node:child_process';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

export const KAFKA_VERSION = '4.3.0';
const CACHE = resolve(import.meta.dirname, '../../../.cache/kafka');
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
const FETCH_MS = 240_000;
const run = promisify(execFile);

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>switchfleet</groupId><artifactId>test-kafka</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version>
    </dependency>
  </dependencies>
</project>
`;

/**
 * The Java class path of a Kafka broker; its jars come from Maven Central once and stay in `.cache/kafka`.
 * @throws Error when Java 17 or Maven is missing, or Maven cannot fetch them
 */
export async function kafkaClassPath(): Promise<string> {
  await requireJava();
  const jars = join(CACHE, `jars-${KAFKA_VERSION}`);
  if (!(await exists(jars))) await fetchJars(jars);
  return join(jars, '*');
}

async function requireJava(): Promise<void> {
  const { stderr } = await run('java', ['-version'], { timeout: 20_000 }).catch((cause) => {
    throw new Error('no Java on this machine', { cause });
  });
  const major = Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
  if (major < 17) throw new Error(`Java ${major} is older than 17`);
}

/** Fetched beside and renamed, so that a fetch that was cut off never looks complete. */
async function fetchJars(jars: string): Promise<void> {
  const work = join(CACHE, `fetch-${process.pid}`);
  const fetched = join(work, 'jars');
  await mkdir(work, { recursive: true });
  try {
    await writeFile(join(work, 'pom.xml'), POM);
    await run('mvn', ['-B', '-q', PLUGIN, '-DincludeScope=runtime', `-DoutputDirectory=${fetched}`], {
      cwd: work,
      timeout: FETCH_MS,
    });
    await rename(fetched, jars).catch(async (error) => {
      if (!(await exists(jars))) throw error;
    });
  } catch (cause) {
    throw new Error('Maven could not fetch the jars of Kafka', { cause });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
