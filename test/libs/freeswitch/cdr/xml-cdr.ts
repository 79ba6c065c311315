export interface XmlCdrOptions {
  /** name and value as they stand in the document: values URL-encoded */
  variables?: readonly (readonly [string, string])[];
  /** as it stands in the document: escaped, or not */
  callerName?: string;
  uuid?: string;
  startUs?: number;
  endUs?: number;
  billsec?: number;
  switchname?: string;
}

/** A small CDR laid out as FreeSWITCH lays it out, for what was never recorded. */
export function xmlCdr(options: XmlCdrOptions): string {
  const { variables = [], callerName = 'Alice', uuid = 'leg-1', switchname = 'fs01', billsec = 3 } = options;
  const { startUs = 1_795_207_837_117_054, endUs = startUs + 4_000_000 } = options;
  return `<?xml version="1.0"?>
<cdr core-uuid="core-1" switchname="${switchname}">
  <channel_data>
    <state>CS_REPORTING</state>
    <direction>inbound</direction>
  </channel_data>
  <call-stats></call-stats>
  <variables>
    <direction>inbound</direction>
    <uuid>leg-of-variables</uuid>
    <start_epoch>${Math.floor(startUs / 1e6)}</start_epoch>
    <start_uepoch>${startUs}</start_uepoch>
    <end_uepoch>${endUs}</end_uepoch>
    <billsec>${billsec}</billsec>
${variables.map(([name, value]) => `    <${name}>${value}</${name}>`).join('\n')}
  </variables>
  <callflow dialplan="XML" unique-id="profile-1" profile_index="1">
    <caller_profile>
      <caller_id_name>${callerName}</caller_id_name>
      <caller_id_number>1001</caller_id_number>
      <destination_number>9196</destination_number>
      <uuid>${uuid}</uuid>
    </caller_profile>
    <times>
      <created_time>${startUs}</created_time>
      <hangup_time>${endUs}</hangup_time>
    </times>
  </callflow>
</cdr>
`;
}
