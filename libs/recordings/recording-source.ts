import type { Config } from '../config/config.ts';
import { CodedError } from '../errors/coded-error.ts';
import { type Recorded, sharedPath } from './recording-path.ts';
import { presignedUrl, templateUrl } from './signed-url.ts';

/** Where a recording is to be had: a file below a folder of ours, or a URL. */
export type RecordingPlace = { folder: string; path: string } | { url: string };

/** Finds recordings of all nodes. */
export interface RecordingSource {
  /** Undefined: it is not below what the nodes share, or nothing is configured. */
  locate(recorded: Recorded, nowUs: number): RecordingPlace | undefined;
}

type RecordingConfig = Pick<
  Config,
  | 'RECORDING_ROOTS'
  | 'RECORDING_DIR'
  | 'RECORDING_URL'
  | 'RECORDING_URL_SECRET'
  | 'RECORDING_URL_SECONDS'
  | 'RECORDING_S3_REGION'
  | 'RECORDING_S3_KEY_ID'
  | 'RECORDING_S3_SECRET'
>;

/**
 * The source that is configured: the shared folder, else S3 where a region is named, else a web server, else none.
 * @throws CodedError `recording-config` when S3 has no key
 */
export function recordingSource(config: RecordingConfig): RecordingSource {
  const place = placeOf(config);
  const { RECORDING_ROOTS: roots = [] } = config;
  return {
    locate: ({ node, path }, nowUs) => {
      const below = sharedPath({ node, path }, roots);
      return below === undefined ? undefined : place?.({ node, path: below }, nowUs);
    },
  };
}

type Place = (recorded: Recorded, nowUs: number) => RecordingPlace;

function placeOf(config: RecordingConfig): Place | undefined {
  const { RECORDING_DIR: folder, RECORDING_URL: template, RECORDING_URL_SECONDS: lifetimeSeconds } = config;
  if (folder !== undefined) {
    return ({ node, path }) => ({ folder: folder.replaceAll('{node}', node), path });
  }
  if (template === undefined) return undefined;
  const { RECORDING_S3_REGION: region, RECORDING_S3_KEY_ID: keyId, RECORDING_S3_SECRET: secret } = config;
  if (region === undefined) {
    const source = { template, secret: config.RECORDING_URL_SECRET, lifetimeSeconds };
    return (recorded, nowUs) => ({ url: templateUrl(source, recorded, nowUs) });
  }
  if (keyId === undefined || secret === undefined) {
    throw new CodedError(
      'recording-config',
      'RECORDING_S3_REGION needs RECORDING_S3_KEY_ID and RECORDING_S3_SECRET beside it',
    );
  }
  const source = { template, region, keyId, secret, lifetimeSeconds };
  return (recorded, nowUs) => ({ url: presignedUrl(source, recorded, nowUs) });
}
