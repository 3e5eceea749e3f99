/** Connects to addresses that were checked, and to no others. */
import { connect, isIPv6, type LookupFunction, type Socket } from 'node:net';
import type { Target } from './host-rules.ts';

/** Answers each question with the checked addresses: what is connected to is what was looked at. */
export const lookupOf = (addresses: readonly string[]): LookupFunction => {
  const all = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  return (_host, options, callback) => {
    if (options.all === true) callback(null, all);
    else callback(null, all[0]?.address ?? '', all[0]?.family ?? 0);
  };
};

/** Resolves with an open connection; rejects when no address answers in time. */
export const dial = (
  target: Target,
  addresses: readonly string[],
  connectMs: number,
  onSocket: (socket: Socket) => void,
): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({
      host: target.host,
      port: target.port,
      lookup: lookupOf(addresses),
      autoSelectFamily: true,
      allowHalfOpen: true,
    });
    onSocket(socket);
    const timer = setTimeout(() => socket.destroy(new Error('no answer in time')), connectMs);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('close', closed);
      resolve(socket);
    });
    socket.on('error', reject);
    const closed = (): void => {
      clearTimeout(timer);
      reject(new Error('closed'));
    };
    socket.once('close', closed);
  });
