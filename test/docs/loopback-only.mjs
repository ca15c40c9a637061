import net from 'node:net';

// Loaded before a snippet runs: a page's example must never reach the real API from a test, not even
// without a key, so every connection that would leave the machine fails with a sentence.

const connect = net.Socket.prototype.connect;
const isLoopback = (host) => host === undefined || /^(?:localhost|127\.[\d.]+|::1)$/.test(host);

net.Socket.prototype.connect = function connectLoopback(...args) {
  const [options] = Array.isArray(args[0]) ? args[0] : args;
  const host = typeof options === 'object' ? options.host : args[1];
  if (!isLoopback(host)) throw new Error(`A documented snippet wants to reach ${host}; snippets run on loopback only.`);
  return connect.apply(this, args);
};
