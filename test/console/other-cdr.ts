/** The CDR of a recorded call that came in, as one that went out by a trunk. */
export function asOutbound(document: string, { called, trunk }: { called: string; trunk: string }): string {
  return document
    .replaceAll(/<destination_number>[^<]*</g, `<destination_number>${called}<`)
    .replaceAll('<direction>inbound<', '<direction>outbound<')
    .replace('<variables>', `<variables><sip_gateway_name>${trunk}</sip_gateway_name>`);
}

/** The CDR of a recorded call, as one to another number. */
export function asInbound(document: string, called: string): string {
  return document.replaceAll(/<destination_number>[^<]*</g, `<destination_number>${called}<`);
}
