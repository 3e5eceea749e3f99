/** `node scripts/setup/count-tests.mjs REPORT STATUS`: the closing line of a test run, and the exit status it deserves. */
import { existsSync, readFileSync } from 'node:fs';
import { summarize } from './summarize.mjs';

const [path = '', status = '1'] = process.argv.slice(2);
const report = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
const { passed, failed, remarks } = summarize(report, Number(status));

for (const remark of remarks) console.log(remark);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
