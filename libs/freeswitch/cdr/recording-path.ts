import { type CdrDocument, firstOf } from './cdr-document.ts';

const RECORDING_APPLICATIONS = new Set(['record_session', 'record']);

/** Where the leg's recording is: variables that dialplans set (FusionPBX: record_path + record_name), else the application that recorded. */
export function recordingPathOf({ variables, app_log, callflows }: CdrDocument): string | null {
  const named = firstOf(
    variables,
    'recording_path',
    'recording_file',
    'record_file_path',
    'cc_record_filename',
  );
  if (named !== undefined) return named;
  const folder = firstOf(variables, 'record_path');
  const file = firstOf(variables, 'record_name');
  if (folder !== undefined && file !== undefined) return `${folder.replace(/\/$/, '')}/${file}`;
  const applications = [...app_log, ...callflows.flatMap(({ extension }) => extension?.applications ?? [])];
  const recorded = applications.find(({ app_name }) => RECORDING_APPLICATIONS.has(app_name));
  const path = recorded?.app_data.replace(/^(\{[^}]*\}|\[[^\]]*\])+/, '').split(' ')[0];
  return path === undefined || path === '' || path.includes('${') ? null : path;
}
