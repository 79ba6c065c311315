/** Loopback addresses for one test file, so that files that run side by side never share a SIP port. */
export function testAddresses(): (host: number) => string {
  const network = `127.${20 + ((process.pid >> 8) % 200)}.${process.pid % 256}`;
  return (host) => `${network}.${host}`;
}
