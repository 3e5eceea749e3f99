/**
 * `npm run bench [-- CASE…]`: figures and ratios, each against the bare thing in the same run, since machines are noisy
 * and both sides meet the same noise. `peers` and `memory` take minutes, the `cloud` cases need emulators: they run only
 * when they are named.
 */
import { cloudColdStarts, cloudLiveLines } from './cases/cloud.ts';
import { coldStarts } from './cases/cold.ts';
import { fanOut } from './cases/fan-out.ts';
import { firstTokens } from './cases/first-token.ts';
import { gatewayFirstByte } from './cases/gateway.ts';
import { memoryOverRuns } from './cases/memory.ts';
import { peers } from './cases/peers.ts';
import { startAndThroughput } from './cases/start-and-throughput.ts';
import { wholeRuns } from './cases/whole-run.ts';

const CASES: Readonly<Record<string, () => Promise<void>>> = {
  run: () => wholeRuns(15),
  talk: () => firstTokens(15),
  start: startAndThroughput,
  watchers: fanOut,
  gateway: gatewayFirstByte,
  cold: coldStarts,
  memory: () => memoryOverRuns(10_000),
  peers,
  'cloud-cold': cloudColdStarts,
  'cloud-live': cloudLiveLines,
};
const USUAL = ['run', 'talk', 'start', 'watchers', 'gateway', 'cold'];

const named = process.argv.slice(2);
const wanted = named.length === 0 ? USUAL : named;
const unknown = wanted.filter((name) => !(name in CASES));
if (unknown.length > 0) {
  console.error(`There is no case ${unknown.join(', ')}; the cases are ${Object.keys(CASES).join(', ')}.`);
  process.exit(2);
}
for (const name of wanted) {
  console.log(`\n${name}`);
  await CASES[name]?.();
}
process.exit(0);
