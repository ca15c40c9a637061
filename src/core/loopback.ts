const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const loopback = new RegExp(`^(?:localhost|::1|\\[::1\\]|(?:::ffff:)?127(?:\\.${octet}){3})$`, 'i');

/**
 * True for a host that only programs on this machine can reach: 127.0.0.0/8, ::1 and localhost.
 * @param host a name or an address, as a URL or a socket tells it; names are not resolved
 */
export function isLoopback(host: string): boolean {
  return loopback.test(host);
}
