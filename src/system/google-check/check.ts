/** Everything that an installation on Google Cloud needs, each part by trying it, all at once. */
import type { Finding } from '../../ports/executor.ts';
import { checkBucket, checkDatabase, checkIndexes, checkSecret } from './records.ts';
import { GOOGLE_ROOTS, type GoogleScene, mendSilence, missing, ok } from './scene.ts';
import { checkApis, checkQuota, checkRoles } from './services.ts';
import { checkAddress, checkPush, checkRunnerAccount, checkScheduler } from './surroundings.ts';

/** Longest wait for one part, which makes a few calls, in milliseconds. */
const PART_TIMEOUT_MS = 30_000;

type Check = (scene: GoogleScene, now: number) => Promise<Finding>;
type Root = keyof GoogleScene['roots'];

/** In the order in which they are told: what mends most comes first. `asks` are the services that a check cannot do without. */
const CHECKS: readonly { readonly part: string; readonly asks: readonly Root[]; readonly check: Check }[] = [
  { part: 'apis', asks: ['serviceUsage'], check: checkApis },
  { part: 'roles', asks: ['resourceManager'], check: checkRoles },
  { part: 'bucket', asks: ['storage'], check: checkBucket },
  { part: 'database', asks: ['firestore'], check: checkDatabase },
  { part: 'indexes', asks: ['firestore'], check: checkIndexes },
  { part: 'secret', asks: ['secretManager'], check: checkSecret },
  { part: 'runner account', asks: ['iam'], check: checkRunnerAccount },
  { part: 'quota', asks: ['cloudBuild'], check: checkQuota },
  { part: 'public url', asks: [], check: checkAddress },
  { part: 'scheduler', asks: ['scheduler'], check: checkScheduler },
  { part: 'build events', asks: ['pubsub'], check: checkPush },
];

const bounded = async (part: string, work: Promise<Finding>): Promise<Finding> => {
  const { promise, resolve } = Promise.withResolvers<Finding>();
  const late = missing(
    part,
    `no word within ${PART_TIMEOUT_MS / 1_000} s`,
    'Check that Google can be reached from here.',
  );
  const timer = setTimeout(() => resolve(late), PART_TIMEOUT_MS);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
};

/**
 * All findings; never throws for what Google says. With an emulator in use, what has no emulator is not looked at: a test
 * set-up has nothing to do with the real project of that name.
 */
export const checkGoogleCloud = async (scene: GoogleScene, now: number): Promise<Finding[]> => {
  const real = (root: Root): boolean => scene.roots[root] === GOOGLE_ROOTS[root];
  const emulated = Object.keys(GOOGLE_ROOTS).some((root) => isRoot(root) && !real(root));
  const token = emulated ? null : await scene.call(`${scene.roots.resourceManager}v1/projects/${scene.project}`);
  if (token !== null && token.status === 0) {
    return [
      missing('account', `Google cannot be asked: ${token.problem}`, mendSilence(token)),
      await checkAddress(scene),
    ];
  }
  const account = emulated
    ? ok('account', 'emulators are in use: what has none is not looked at')
    : ok('account', scene.account ?? 'the credentials of a person');
  const chosen = CHECKS.filter(({ asks }) => !emulated || !asks.some(real));
  return [account, ...(await Promise.all(chosen.map(({ part, check }) => bounded(part, check(scene, now)))))];
};

const isRoot = (name: string): name is Root => name in GOOGLE_ROOTS;
