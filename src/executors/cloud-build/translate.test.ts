import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../core/limits.ts';
import type { Job } from '../../ports/executor.ts';
import { makeBundle } from './bundle.ts';
import { type Place, placeOf } from './names.ts';
import { decodeFrame, encodeFrame } from './runner/frame.ts';
import { type BuildOptions, translate } from './translate.ts';

const SECRET = new Uint8Array(32).fill(3);
const REF = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/1';

const place = ((): Place => {
  const found = placeOf(SECRET, REF);
  if (found === null) throw new Error('no place');
  return found;
})();

const job = (rest: Partial<Job> = {}): Job => ({
  runId: place.runId,
  attempt: 1,
  program: 'claude',
  args: [],
  stdin: new Uint8Array(),
  env: {},
  files: [],
  keep: [],
  limits: DEFAULT_LIMITS,
  network: { allow: [] },
  socketDir: null,
  packages: [],
  source: null,
  ...rest,
});

const REGISTRIES = {
  npmRegistry: null,
  pipIndex: null,
  wantCredentials: false,
  gitCredentials: null,
  privateHosts: [],
};

const options: BuildOptions = {
  project: 'demo',
  bucket: 'bucket',
  runnerServiceAccount: 'runner@demo.example',
  image: 'node:24',
  machineType: 'E2_STANDARD_2',
  workerPool: null,
  modelSecret: null,
  runnerExtension: 'ts',
};

describe('the build of a job', () => {
  it('says nothing of what the job is about, whatever is in it', () => {
    const marked = fc.string().map((text) => `MARK${text}`);
    fc.assert(
      fc.property(fc.array(marked), marked, marked, (args, prompt, path) => {
        const files = [{ root: 'workspace', path, content: Buffer.from(prompt) }] as const;
        const build = translate(job({ args, stdin: Buffer.from(prompt), env: { A: prompt }, files }), place, options);
        expect(build).toEqual(translate(job(), place, options));
        expect(JSON.stringify(build)).not.toContain('MARK');
      }),
    );
  });

  it('has one tag of its own, and substitutes nothing but the id of the build', () => {
    const build = translate(job(), place, { ...options, image: 'registry.example/a$B$C' });
    expect(build.tags).toEqual(['slipway', 'slipway-0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b-1']);
    const text = JSON.stringify(build).replaceAll('$$', '');
    expect(text.match(/\$\w*/g)).toEqual(['$BUILD_ID']);
  });

  it('is refused before Cloud Build would take it and never start it', () => {
    const image = 'x'.repeat(60_000);
    expect(() => translate(job(), place, { ...options, image })).toThrow(/starts none above/);
  });

  it('asks for the machine, the pool and the secret that are set', () => {
    const modelSecret = { env: 'ANTHROPIC_API_KEY', versionName: 'projects/p/secrets/s/versions/1' };
    const build = translate(job(), place, { ...options, machineType: 'E2_HIGHCPU_8', workerPool: 'pool', modelSecret });
    expect(build.options).toMatchObject({ machineType: 'E2_HIGHCPU_8', pool: { name: 'pool' } });
    expect(build.steps?.map((step) => step.secretEnv)).toEqual([undefined, ['SLIPWAY_SECRET_ANTHROPIC_API_KEY']]);
  });

  it('comes with the same bundle each time', async () => {
    const rest = {
      storageRoot: 'http://127.0.0.1:1/',
      bucket: 'bucket',
      publicUrl: null,
      programs: {},
      registries: REGISTRIES,
    };
    const [one, other] = [await makeBundle(job(), place, rest), await makeBundle(job(), place, rest)];
    expect(one.equals(other)).toBe(true);
  });
});

describe('a frame', () => {
  const frame = { stream: 'stdout', offset: 7, bytes: Buffer.from('a\nb\0ü') } as const;

  it('is found behind whatever a log puts in front of it', () => {
    fc.assert(
      fc.property(
        fc.uint8Array(),
        fc.nat(),
        fc.constantFrom('', 'Step #1 - "run": ', 'x '),
        (bytes, offset, before) => {
          const line = `${before}${encodeFrame(place.key, { stream: 'stderr', offset, bytes })}`;
          const found = decodeFrame(place.key, line);
          expect([found?.stream, found?.offset]).toEqual(['stderr', offset]);
          expect(Buffer.from(found?.bytes ?? []).equals(bytes)).toBe(true);
        },
      ),
    );
  });

  it('is worth nothing when anything of it was changed, or another place signed it', () => {
    const line = encodeFrame(place.key, frame);
    expect(decodeFrame(place.key, line)).toEqual(frame);
    expect(decodeFrame(new Uint8Array(32), line)).toBeNull();
    for (const changed of [line.replace(' 7 ', ' 8 '), line.replace(' o ', ' e '), line.slice(0, -1)]) {
      expect(decodeFrame(place.key, changed)).toBeNull();
    }
  });
});
