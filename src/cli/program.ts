import { Command } from 'commander';
import { describeConfig, environment, parseConfig } from '../config.ts';
import { VERSION } from '../version.ts';
import { addChatCommands } from './chat-commands.ts';
import { EXIT } from './exit-codes.ts';
import { complainOf } from './explain.ts';
import { addLocalCommands } from './local-commands.ts';
import { reachOf } from './reach.ts';
import { addAgentCommands, addRunCommand, addRunsCommands } from './server-commands.ts';

const program = new Command('slipway')
  .description('Runs coding agents as durable, isolated background runs.')
  .version(VERSION)
  .option('--url <address>', 'address of the server; otherwise SLIPWAY_URL, otherwise the one on PORT')
  .option('--key <key>', 'API key; SLIPWAY_API_KEY keeps it out of the list of processes')
  .configureHelp({ showGlobalOptions: true })
  .showHelpAfterError('(--help says what can be given)')
  .exitOverride((error) => {
    process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
    throw error;
  })
  .addHelpText('after', '\nStart here:\n  $ slipway doctor\n  $ slipway run --demo "Say hello"');

const reach = () => reachOf(program.opts<{ url?: string; key?: string }>(), parseConfig(environment()));

addRunCommand(program, reach);
addAgentCommands(program, reach);
addRunsCommands(program, reach);
addChatCommands(program, reach);
addLocalCommands(program, () => describeConfig(environment()));

// Whoever reads us may stop in the middle (`| head`); that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  const fromCommander = error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
  if (!fromCommander) process.exitCode = complainOf(error);
}
// A server that was started for one run may still watch over others, which would keep this process for their sake.
process.stdout.write('', () => process.exit());
