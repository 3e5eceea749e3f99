/** The built-in scripts, by name. */
import { FAULT_SCENARIOS } from './fault-scenarios.ts';
import type { Scenario, ScriptBlock } from './scenario.ts';

const say = (text: string): ScriptBlock => ({ type: 'text', text });
const bash = (command: string): ScriptBlock => ({
  type: 'tool',
  name: 'Bash',
  input: { command, description: 'Run what the demo script says' },
});
const write = (path: string, content: string): ScriptBlock => ({
  type: 'tool',
  name: 'Write',
  input: { file_path: path, content },
});

const NOTE = `# A note from the demo model

You asked:

> {{prompt}}

No model has read this. The demo model answers every prompt with the same small script, so that you can see
Slipway at work: a real Claude Code, real tool calls, a real sandbox. Set ANTHROPIC_API_KEY for real answers.
`;

const SUMMARY = `Done, and here is what happened:

1. I wrote \`note.md\` and \`data.csv\` into the workspace.
2. I listed the workspace with Bash.
3. I read \`note.md\` back.

Please note: **this is the scripted demo model**, not a language model. It answers every prompt in this way, and it cost nothing. Set \`ANTHROPIC_API_KEY\` and start again for real answers.`;

const THREE_TOOLS: readonly ScriptBlock[] = [
  say('Three calls at once.'),
  bash('echo one'),
  bash('echo two'),
  bash('ls {{cwd}}'),
];

/** Answers any prompt. */
const DEFAULT_SCENARIO: Scenario = {
  about: 'Writes two files, lists them, reads one back, and says that it is the scripted demo model.',
  turns: [
    {
      needs: ['Write', 'Bash', 'Read'],
      blocks: [
        say('This is the scripted demo model. I will write two small files, list them, and read one back.'),
        write('{{cwd}}/note.md', NOTE),
        write('{{cwd}}/data.csv', 'day,ships\nMonday,3\nTuesday,5\nWednesday,8\n'),
      ],
    },
    { needs: ['Write', 'Bash', 'Read'], blocks: [say('Now a look at the workspace.'), bash('ls -l {{cwd}}')] },
    {
      needs: ['Write', 'Bash', 'Read'],
      blocks: [
        say('And the note, read back.'),
        { type: 'tool', name: 'Read', input: { file_path: '{{cwd}}/note.md' } },
      ],
    },
    {
      needs: ['StructuredOutput'],
      blocks: [
        say('This is the scripted demo model; the output is the smallest one that its schema allows.'),
        { type: 'tool', name: 'StructuredOutput', input: 'sample' },
      ],
    },
    { needs: ['Write'], blocks: [{ type: 'text', text: SUMMARY, chunk: 12, delayMs: 5 }] },
    {
      unless: ['Write'],
      blocks: [say('This is the scripted demo model, not a language model. Set ANTHROPIC_API_KEY for real answers.')],
    },
  ],
};

const TOOL_SCENARIOS: Readonly<Record<string, Scenario>> = {
  hello: { about: 'One short text.', turns: [{ blocks: [say('Hello from the scripted demo model.')] }] },
  echo: {
    about: "The prompt's SHA-256 and length in bytes, then its argument.",
    turns: [{ blocks: [say('sha256={{promptSha256}} bytes={{promptBytes}}\n{{argument}}')] }],
  },
  unicode: {
    about: 'Text beyond ASCII, in small pieces.',
    turns: [
      {
        blocks: [
          {
            type: 'text',
            text: 'Grüße, 안녕하세요, こんにちは, 👩‍🚀🚢, "quotes", `ticks`, $HOME\r\n{{argument}}',
            chunk: 1,
          },
        ],
      },
    ],
  },
  'write-file': {
    about: 'Writes hello.txt with the argument as its content.',
    turns: [{ blocks: [write('{{cwd}}/hello.txt', '{{argument}}\n')] }, { blocks: [say('I wrote hello.txt.')] }],
  },
  'write-outside': {
    about: 'Tries to write a file outside the workspace, at the path given as argument.',
    turns: [{ blocks: [write('{{argument}}', 'outside\n')] }, { blocks: [say('I tried.')] }],
  },
  bash: {
    about: 'Runs the argument as a Bash command and answers with what it printed.',
    turns: [{ blocks: [bash('{{argument}}')] }, { blocks: [say('{{toolResult}}')] }],
  },
  'bash-background': {
    about: 'Runs the argument as a Bash command in the background.',
    turns: [
      {
        blocks: [
          {
            type: 'tool',
            name: 'Bash',
            input: { command: '{{argument}}', description: 'Run in the background', run_in_background: true },
          },
        ],
      },
      { blocks: [say('It runs in the background.')] },
    ],
  },
  read: {
    about: 'Reads the file given as argument and answers with its content.',
    turns: [
      { blocks: [{ type: 'tool', name: 'Read', input: { file_path: '{{argument}}' } }] },
      { blocks: [say('{{toolResult}}')] },
    ],
  },
  denied: {
    about: 'Runs curl, which the default permissions deny, and ends as if nothing had happened.',
    turns: [{ blocks: [bash('curl -s http://example.com/')] }, { blocks: [say('All done.')] }],
  },
  'multi-tool': {
    about: 'Three tool calls in one message, then three more, then a text.',
    turns: [{ blocks: THREE_TOOLS }, { blocks: THREE_TOOLS }, { blocks: [say('Six calls were made.')] }],
  },
  thinking: {
    about: 'Thinks, then answers.',
    turns: [
      { blocks: [{ type: 'thinking', thinking: 'Let me think about this for a moment. It is simple.' }, say('42')] },
    ],
  },
  'max-turns': {
    about: 'Calls a tool in every turn and never ends.',
    turns: [{ blocks: [say('Turn {{turn}}.'), bash('echo turn {{turn}}')] }],
  },
  'structured-ok': {
    about: 'The structured output that its schema asks for.',
    turns: [
      { blocks: [{ type: 'tool', name: 'StructuredOutput', input: 'sample' }] },
      { blocks: [say('There it is.')] },
    ],
  },
  'structured-bad': {
    about: 'Structured output that no schema asks for, every time.',
    turns: [{ blocks: [{ type: 'tool', name: 'StructuredOutput', input: { nonsense: [1, 2, 3] } }] }],
  },
  'structured-none': { about: 'Text where structured output is asked for.', turns: [{ blocks: [say('No.')] }] },
  usage: {
    about: 'Fixed token counts, the cache ones among them.',
    turns: [
      {
        blocks: [say('Counted.')],
        usage: {
          input_tokens: 1000,
          output_tokens: 200,
          cache_creation_input_tokens: 300,
          cache_read_input_tokens: 4000,
        },
      },
    ],
  },
  costly: {
    about: 'A priced model that spends 100,000 output tokens a turn and never ends.',
    turns: [
      {
        model: 'claude-sonnet-4-5',
        blocks: [say('Turn {{turn}}.'), bash('echo turn {{turn}}')],
        usage: { input_tokens: 100_000, output_tokens: 100_000 },
      },
    ],
  },
  unpriced: {
    about: 'A model that is in no price table.',
    turns: [{ model: 'mystery-1', blocks: [say('Who am I?')] }],
  },
};

/** All built-in scenarios. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  default: DEFAULT_SCENARIO,
  ...TOOL_SCENARIOS,
  ...FAULT_SCENARIOS,
};
