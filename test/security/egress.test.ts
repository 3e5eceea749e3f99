/** An agent with an allow list, and its own Bash tool as the attacker: the hosts of the list are reached, and nothing else. */
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Origin, openOrigin } from '../support/network/origin.ts';
import { openStage, type Stage } from '../support/server/stage.ts';
import { attack } from './attacker.ts';

const PRELOAD = new URL('../support/network/host-names.mjs', import.meta.url).href;

let stage: Stage;
let origin: Origin;
let hostPort = 0;
const reached: string[] = [];
const host = createServer((request, response) => {
  reached.push(request.url ?? '');
  response.end('REACHED');
});
const network = () => ({
  allow: ['good.example', `good.example:${origin.httpPort}`, `good.example:${origin.httpsPort}`].concat(FOUL),
});
/** Names that the agent may reach and that lead where nobody may. */
const FOUL = ['inside.example', 'metadata.example', 'mapped.example'].flatMap((name) => [name, `${name}:8080`]);

beforeAll(async () => {
  origin = await openOrigin(['good.example']);
  await new Promise<void>((resolve) => host.listen(0, '0.0.0.0', resolve));
  const address = host.address();
  hostPort = typeof address === 'object' && address !== null ? address.port : 0;
  stage = await openStage({
    scenarios: {
      fetch: {
        about: 'Fetches the argument by the WebFetch tool.',
        turns: [
          { blocks: [{ type: 'tool', name: 'WebFetch', input: { url: '{{argument}}', prompt: 'What is there?' } }] },
          { blocks: [{ type: 'text', text: '{{toolResult}}' }] },
        ],
      },
      bash: {
        about: 'Runs the argument as a Bash command.',
        turns: [
          { blocks: [{ type: 'tool', name: 'Bash', input: { command: '{{argument}}', description: 'run' } }] },
          { blocks: [{ type: 'text', text: '{{toolResult}}' }] },
        ],
      },
    },
    env: {
      NODE_OPTIONS: `--import ${PRELOAD}`,
      TEST_HOST_NAMES: JSON.stringify({
        'good.example': ['127.0.0.1'],
        'inside.example': ['127.0.0.1'],
        'metadata.example': ['169.254.169.254'],
        'mapped.example': ['::ffff:127.0.0.1'],
      }),
      SLIPWAY_PRIVATE_HOSTS: 'good.example,metadata.example',
    },
  });
});
afterAll(async () => {
  host.close();
  await stage.close();
  await origin.close();
});

describe('an agent with an allow list', () => {
  it('reaches its hosts with the programs it has, and the model beside them', async () => {
    const { printed, run, events } = await attack(
      stage,
      [
        `curl -s http://good.example:${origin.httpPort}/plain`,
        `curl -ks https://good.example:${origin.httpsPort}/secure`,
      ].join('; '),
      { network: network() },
    );
    expect(run.status, JSON.stringify(run.error)).toBe('succeeded');
    expect(printed).toContain('from the outsidefrom the outside');
    const paths = origin.requests.map((request) => request.split(' ')[2]);
    expect(paths).toEqual(expect.arrayContaining(['/plain', '/secure']));
    expect(events.filter((event) => event.type === 'egress.refused')).toEqual([]);
  }, 90_000);

  it('reaches no other: by no name, address, spelling, tunnel, front or protocol', async () => {
    // Whatever NO_PROXY says: the rules are not in the environment.
    const proxied = 'curl -s -m 5 --noproxy "" -x http://127.0.0.1:3128';
    const by = 'curl -s -m 5 --unix-socket /run/slipway/egress.sock';
    const spelled = ['127.0.0.1', '2130706433', '0x7f.1', '017700000001', '[::1]', '[::ffff:127.0.0.1]', '0'];
    const tried = [
      'curl -s -m 5 https://evil.example/',
      `curl -s -m 5 http://inside.example:8080/ && curl -sp -m 5 -k https://inside.example/`,
      'curl -s -m 5 http://metadata.example/computeMetadata/v1/',
      'curl -s -m 5 http://mapped.example/',
      'curl -s -m 5 http://169.254.169.254/latest/meta-data/',
      ...spelled.map((address) => `${proxied} http://${address}:${hostPort}/spelled`),
      ...spelled.map((address) => `${by} http://${address}:${hostPort}/socket`),
      ...spelled.map((address) => `${proxied} -p http://${address}:${hostPort}/tunnel`),
      `curl -s -m 5 --noproxy "*" http://127.0.0.1:${hostPort}/direct`,
      `curl -s -m 5 --noproxy "*" http://good.example:${origin.httpPort}/direct`,
      `curl -sk -m 5 --connect-to evil.example:443:good.example:${origin.httpsPort} https://evil.example/front`,
      `curl -s -m 5 -H "Host: 127.0.0.1:${hostPort}" http://good.example:${hostPort}/host-header`,
      `curl -sp -m 5 http://good.example:${origin.httpPort}/not-tls`,
      'timeout 3 bash -c "exec 3<>/dev/tcp/1.1.1.1/53 && echo REACHED"',
      'timeout 3 bash -c "echo x > /dev/udp/8.8.8.8/53 && echo REACHED"',
      'getent hosts good.example && echo REACHED',
    ];
    const before = origin.requests.length;
    const { printed, run, events } = await attack(
      stage,
      `${tried.map((command) => `(${command})`).join('; ')}; echo tried`,
      { network: network() },
    );
    expect(run.status).toBe('succeeded');
    expect(printed).toContain('tried');
    expect(printed).not.toContain('REACHED');
    expect(reached).toEqual([]);
    expect(origin.requests.slice(before)).toEqual([]);
    const refused = events.filter((event) => event.type === 'egress.refused').map((event) => event.data);
    const reasonFor = (name: string): string => refused.find((data) => data.host === name)?.reason ?? '';
    expect(reasonFor('evil.example')).toContain('network.allow');
    expect(reasonFor('inside.example')).toContain('private');
    expect(reasonFor('mapped.example')).toContain('private');
    expect(reasonFor('metadata.example')).toContain('metadata');
    expect(reasonFor('169.254.169.254')).toContain('metadata');
    expect(reasonFor('127.0.0.1')).toContain('address');
    const reasons = refused.map((data) => data.reason).join('\n');
    expect(reasons).toContain('for another host');
    expect(reasons).toContain('not TLS');
  }, 120_000);

  it('fetches pages with its own tool, without asking its vendor whether it may', async () => {
    const before = origin.connections();
    const { events } = await stage.run(`[[demo:fetch]] https://good.example:${origin.httpsPort}/page`, {
      permissionMode: 'bypassPermissions',
      network: network(),
    });
    const result = events.find((event) => event.type === 'agent.tool_result');
    // It is reached; that its certificate is one of this test is for the tool to say.
    expect(origin.connections()).toBeGreaterThan(before);
    expect(JSON.stringify(result?.data)).toMatch(/certificate/i);
    expect(events.filter((event) => event.type === 'egress.refused')).toEqual([]);
  }, 90_000);
});
