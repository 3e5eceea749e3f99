/** What the CLI asks beside the conversation: titles, probes, summaries. Each gets an answer that can be told apart. */
import type { RequestFacts } from './request.ts';
import type { Scenario } from './scenario.ts';

interface SideRequest {
  readonly is: (facts: RequestFacts) => boolean;
  readonly answer: string;
}

const SIDE_REQUESTS: readonly SideRequest[] = [
  { is: (facts) => facts.maxTokens === 1, answer: '.' },
  {
    is: (facts) =>
      facts.tools.length === 0 && /\btitle\b/i.test(facts.system) && /generate|concise/i.test(facts.system),
    answer: '{"title": "Demo model session"}',
  },
  {
    is: (facts) => facts.tools.length === 0 && /policy_spec|command prefix/i.test(`${facts.system}${facts.prompt}`),
    answer: 'none',
  },
  {
    is: (facts) => /Your task is to create a detailed summary of the conversation/.test(facts.prompt),
    answer: '<summary>The demo model followed its script.</summary>',
  },
];

/** The script for a side request; null when the request is the conversation itself. */
export const sideScenarioOf = (facts: RequestFacts): Scenario | null => {
  const side = SIDE_REQUESTS.find(({ is }) => is(facts));
  if (side === undefined) return null;
  return { about: 'A side request.', turns: [{ blocks: [{ type: 'text', text: side.answer }] }] };
};
