/** The demo model by itself: `node src/demo/main.ts [--port N] [--host H] [--scenarios FILE.json]`. */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { isObject, type Scenario } from './scenario.ts';
import { openDemoModel } from './server.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8787' },
    host: { type: 'string', default: '127.0.0.1' },
    scenarios: { type: 'string' },
  },
});

/** Scripts from a file: an object of scenarios by name. */
const readScenarios = async (file: string): Promise<Record<string, Scenario>> => {
  const scripts: unknown = JSON.parse(await readFile(file, 'utf8'));
  if (!isObject(scripts)) throw new Error(`${file} must hold an object of scenarios by name.`);
  return scripts as Record<string, Scenario>;
};

const scenarios = values.scenarios === undefined ? {} : await readScenarios(values.scenarios);
const model = await openDemoModel({ port: Number(values.port), host: values.host, scenarios });
process.stdout.write(`The demo model listens at ${model.url} (scripted answers, no language model).\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void model.close());
