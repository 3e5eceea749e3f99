/** What `slipway doctor` and `/readyz` leave out, since the installation does not use it. */
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { needsOf } from '../../src/examine.ts';

const BUILDS = {
  SLIPWAY_EXECUTOR: 'cloud-build',
  GOOGLE_CLOUD_PROJECT: 'demo-slipway',
  SLIPWAY_REGION: 'us-central1',
  SLIPWAY_BUCKET: 'bucket',
};
const RECORDS = { SLIPWAY_STORE: 'firestore' };
const KEY = { ANTHROPIC_API_KEY: 'key', SLIPWAY_PUBLIC_URL: 'https://slipway.example' };
const SECRET = { SLIPWAY_MODEL_SECRET: 'projects/demo-slipway/secrets/model/versions/latest' };

describe('what is asked of the machine of a server', () => {
  it.each([
    ['everything, where runs execute here', { ...KEY }, 'all', 'all'],
    ['its directory, where records are in it', { ...BUILDS, ...KEY }, 'turns', 'all'],
    ['what turns need, where only they execute here', { ...BUILDS, ...RECORDS, ...KEY }, 'turns', 'turns'],
    ['nothing, where only builds have a model', { ...BUILDS, ...RECORDS, ...SECRET }, 'nothing', 'nothing'],
  ])('is %s', (_name, env, claude, directory) => {
    expect(needsOf(parseConfig(env))).toEqual({ claude, directory });
  });
});
