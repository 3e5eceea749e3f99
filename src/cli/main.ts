#!/usr/bin/env node
import { Command } from 'commander';
import { ConfigError, describeConfig, environment } from '../config.ts';
import { DomainError } from '../core/errors.ts';
import { VERSION } from '../version.ts';
import { EXIT } from './exit-codes.ts';
import { complain, say } from './print.ts';

const program = new Command('slipway')
  .description('Runs coding agents as durable, isolated background runs.')
  .version(VERSION)
  .showHelpAfterError()
  .exitOverride((error) => {
    process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
    throw error;
  });

program
  .command('serve')
  .description('serve the HTTP API and run what is queued')
  .option('--demo', 'use the scripted demo model instead of a real one', false)
  .action(async (options: { demo: boolean }) => {
    const { serveCommand } = await import('./serve.ts');
    await serveCommand(options);
  });

program
  .command('demo')
  .description('start a server, make one agent, run it, and show what came of it')
  .option('--keep', 'leave the server up', false)
  .action(async (options: { keep: boolean }) => {
    const { demoCommand } = await import('./demo.ts');
    process.exitCode = await demoCommand(options);
  });

program
  .command('doctor')
  .description('try every part that a run needs, and say what mends what is missing')
  .option('--json', 'print JSON', false)
  .action(async (options: { json: boolean }) => {
    const { doctorCommand } = await import('./doctor.ts');
    process.exitCode = (await doctorCommand(options)) ? EXIT.succeeded : EXIT.failed;
  });

program
  .command('config')
  .description('print the effective settings, secrets masked')
  .option('--json', 'print JSON', false)
  .action((options: { json: boolean }) => {
    const rows = describeConfig(environment());
    if (options.json) say(JSON.stringify(Object.fromEntries(rows.map(({ name, value }) => [name, value])), null, 2));
    else for (const { name, value, means } of rows) say(`${name.padEnd(24)} ${(value ?? '-').padEnd(28)} ${means}`);
  });

const keys = program.command('keys').description('API keys of this installation');
keys
  .command('create')
  .description('make a key and show it once')
  .option('--user <id>', 'whose key it is', 'local')
  .option('--name <name>', 'what it is for', 'unnamed')
  .action(async (options: { user: string; name: string }) => {
    const { createKeyCommand } = await import('./keys.ts');
    await createKeyCommand(options.user, options.name);
  });
keys
  .command('list')
  .description('list the keys of a user')
  .option('--user <id>', 'whose keys', 'local')
  .option('--json', 'print JSON', false)
  .action(async (options: { user: string; json: boolean }) => {
    const { listKeysCommand } = await import('./keys.ts');
    await listKeysCommand(options.user, options);
  });
keys
  .command('revoke <key-id>')
  .description('make a key worthless')
  .option('--user <id>', 'whose key it is', 'local')
  .action(async (id: string, options: { user: string }) => {
    const { revokeKeyCommand } = await import('./keys.ts');
    await revokeKeyCommand(options.user, id);
  });

/** What went wrong, for people: no stack for what they can mend themselves. */
const explain = (error: unknown): number => {
  if (error instanceof ConfigError) {
    complain(error.message);
    return EXIT.usage;
  }
  if (error instanceof DomainError) {
    complain(error.message);
    if (error.hint !== undefined) complain(error.hint);
    return error.code === 'invalid_request' ? EXIT.usage : EXIT.failed;
  }
  complain(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return EXIT.failed;
};

try {
  await program.parseAsync();
} catch (error) {
  const fromCommander = error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
  if (!fromCommander) process.exitCode = explain(error);
}
