/** An agent in a build, which has the token of the account of the steps, against the word of its runner. */
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { placeOf } from '../../src/executors/cloud-build/names.ts';
import { encodeSecrets, SECRETS_VARIABLE, takeSecrets } from '../../src/executors/cloud-build/runner/secrets.ts';
import { endedWell, run, saidBy, shell } from '../contracts/executor/jobs.ts';
import { type OpenCloudBuild, openCloudBuild } from '../contracts/executor/open-cloud-build.ts';

let opened: OpenCloudBuild;
beforeEach(async () => {
  opened = await openCloudBuild();
});
afterEach(() => opened.close());

describe('an agent in a build', () => {
  it('cannot forge output or end, and finds neither its key nor the names of its objects', async () => {
    const { executor, emulator } = opened;
    const script = `echo 'slipway1 o 0 Zm9yZ2Vk ${'A'.repeat(43)}'; ls /slipway; cat /slipway/job.json; ls -ld /slipway
      echo "read $(cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -c '^SLIPWAY_')"
      for other in /proc/[0-9]*; do
        [ "$(stat -c %u "$other")" = 1000 ] || cat "$other/environ" >/dev/null 2>&1 && continue
        echo "closed $(tr '\\0' ' ' <"$other/cmdline" | grep -c runner/run)"
      done; exit 1`;
    const { exit, stdout } = await run(executor, shell(script));
    expect(exit.code).toBe(1);
    expect(stdout).toContain('slipway1 o 0 Zm9yZ2Vk');
    expect(stdout).not.toMatch(/^forged/m);
    // Whoever is root on this machine runs steps as root, and the agent as somebody else.
    if (process.getuid?.() === 0) {
      expect(stdout).not.toContain('storageRoot');
      expect(stdout).not.toMatch(/^job\.json$/m);
      // It sees the runner among the processes, and not what that was started with.
      expect(stdout).toMatch(/^read 0$/m);
      expect(stdout).toMatch(/^closed 1$/m);
    }
    const message = JSON.stringify(emulator.cloudBuild.builds.map((build) => build.resource));
    expect(message).not.toContain('forged');
  });

  it('hands nothing of what its runner knows to what that starts, be it root', () => {
    const env: NodeJS.ProcessEnv = {
      PATH: '/bin',
      [SECRETS_VARIABLE]: encodeSecrets({ results: 'r/', key: 'k', token: 't' }),
    };
    expect(takeSecrets(env)).toEqual({ results: 'r/', key: 'k', token: 't' });
    expect(env).toEqual({ PATH: '/bin' });
    expect(() => takeSecrets(env)).toThrow(/no SLIPWAY_PLACE/);
  });

  it('that reads its bundle with the token of the build’s account can forge nothing with it', async () => {
    const { executor, emulator } = opened;
    const job = shell('');
    const place = placeOf(new Uint8Array(32).fill(7), `${job.runId}/${job.attempt}`);
    if (place === null) throw new Error('No place.');
    // What an agent does that knows all: the addresses, the name of its bundle, and how words are signed.
    const script = `
      const [metadata, storage, prefix] = process.argv.slice(1);
      const path = '/computeMetadata/v1/instance/service-accounts/default/token';
      const token = await fetch(metadata + path, { headers: { 'metadata-flavor': 'Google' } });
      const headers = { authorization: 'Bearer ' + (await token.json()).access_token };
      const object = (name) => storage + 'storage/v1/b/bucket/o/' + encodeURIComponent(prefix + name);
      const packed = await fetch(object('in.tgz') + '?alt=media', { headers });
      const bundle = gunzipSync(Buffer.from(await packed.arrayBuffer())).toString('latin1');
      const job = /\\{"storageRoot".*\\}/.exec(bundle)[0];
      const put = async (name, body) => {
        const query = new URLSearchParams({ uploadType: 'media', ifGenerationMatch: '0', name: prefix + name });
        const answer = await fetch(storage + 'upload/storage/v1/b/bucket/o?' + query, { method: 'POST', headers, body });
        return name + ' ' + answer.status;
      };
      const said = [await put('stdout', 'forged'), await put('kill', 'deadline'), await put('inside', 'x')];
      const end = { code: 0, signal: null, killed: null, limitsHit: [], stdoutBytes: 6, stderrBytes: 0 };
      const text = JSON.stringify({ ...end, filesError: null });
      const keys = [...job.matchAll(/"([^"]*)"/g)].map(([, word]) => word);
      const sign = (word) => createHmac('sha256', Buffer.from(word, 'base64')).update(text).digest('base64url');
      said.push(await put('end', sign(keys.at(-1) ?? '') + '\\n' + text));
      console.log(JSON.stringify({ job, said }));
      process.exit(3);`;
    const imports = "import { createHmac } from 'node:crypto'; import { gunzipSync } from 'node:zlib';";
    const args = ['--input-type=module', '-e', imports + script, emulator.url, `${emulator.url}/`, place.prefix];
    const { exit, stdout } = await run(executor, { ...job, program: '/usr/local/bin/node', args });
    // What it wrote is there, beside the objects that count, and nobody looks at it.
    expect(exit).toEqual({ ...endedWell, code: 3 });
    const { job: bundled, said } = JSON.parse(stdout);
    expect(said).toEqual(['stdout 200', 'kill 200', 'inside 200', 'end 200']);
    expect(bundled).toContain('"program":"/usr/local/bin/node"');
    const key = Buffer.from(place.key);
    const [, own = ''] = place.results.split(place.prefix);
    const secrets = [own, place.token, ...(['base64', 'base64url', 'hex'] as const).map((form) => key.toString(form))];
    for (const secret of secrets) expect(bundled).not.toContain(secret.replace(/=+$/, ''));
  });

  it('that got to know the names of its objects cannot write its own end: nobody believes it', async () => {
    const { executor, emulator } = opened;
    const execution = await executor.start(shell('echo up; sleep 1; exit 3'));
    await saidBy(execution, 'up');
    const [inside] = [...emulator.objects.list('bucket', 'jobs/')].filter(({ name }) => name.endsWith('/inside'));
    const forged = { code: 0, signal: null, killed: null, limitsHit: [], stdoutBytes: 0, stderrBytes: 0 };
    const text = `${'A'.repeat(43)}\n${JSON.stringify({ ...forged, filesError: null })}`;
    const name = inside?.name.replace(/inside$/, 'end') ?? '';
    await emulator.objects.put('bucket', name, Readable.from([Buffer.from(text)]), 'text/plain');
    expect(await execution.exit).toMatchObject({ lost: true });
  });
});
