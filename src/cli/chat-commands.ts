/** `slipway chat` and what belongs to it. */
import type { Command } from 'commander';
import type { ChatFlags } from './chat.ts';
import { whole } from './numbers.ts';
import { clientOf, type ReachOf } from './reach.ts';

const ID = '01991f5e-7c1a-7000-8000-000000000000';
const LIST_LIMIT = 50;

const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ slipway ${line}`).join('\n')}`;

export const addChatCommands = (program: Command, reach: ReachOf): void => {
  const load = async () => ({ ...(await import('./chat.ts')), client: clientOf(reach()) });
  const chat = program
    .command('chat')
    .description('talk to the designer, and get an agent')
    .argument('[message]', 'one message; - or a pipe for standard input; left out on a terminal, a talk begins')
    .option('--conversation <id>', 'go on with a conversation')
    .option('--agent <id>', 'change this agent')
    .option('--about <run-id>', 'talk about this run, such as one that failed')
    .option('--timezone <name>', "your time zone; this machine's when left out")
    .option('--json', 'print JSON', false)
    .addHelpText(
      'after',
      examples(
        'chat',
        'chat "Summarise notes.md every Monday at 9"',
        `chat --conversation ${ID} yes`,
        `chat --agent ${ID} "Let it run at 10"`,
      ),
    )
    .action(async (message: string | undefined, flags: ChatFlags) => {
      const { chatCommand, client } = await load();
      await chatCommand(client, message, flags);
    });
  chat
    .command('list')
    .description('list conversations, the latest touched first')
    .option('--limit <number>', 'how many at most', whole, LIST_LIMIT)
    .option('--json', 'print JSON', false)
    .addHelpText('after', examples('chat list'))
    .action(async (_: object, command: Command) => {
      const { listChatsCommand, client } = await load();
      await listChatsCommand(client, command.optsWithGlobals<{ json: boolean; limit: number }>());
    });
  chat
    .command('show <conversation-id>')
    .description('show a conversation')
    .option('--json', 'print JSON', false)
    .addHelpText('after', examples(`chat show ${ID}`))
    .action(async (id: string, _: object, command: Command) => {
      const { showChatCommand, client } = await load();
      await showChatCommand(client, id, command.optsWithGlobals<{ json: boolean }>());
    });
  chat
    .command('delete <conversation-id>')
    .description('delete a conversation; its agent and runs are kept')
    .addHelpText('after', examples(`chat delete ${ID}`))
    .action(async (id: string) => {
      const { deleteChatCommand, client } = await load();
      await deleteChatCommand(client, id);
    });
};
