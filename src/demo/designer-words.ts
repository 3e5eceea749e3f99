/** What the scripted designer says, by language. */
export interface DesignerWords {
  readonly question: string;
  readonly proposal: string;
  readonly correction: string;
  readonly agreement: string;
  readonly waiting: string;
  readonly agreed: string;
  readonly name: string;
  /** `{{wish}}` is what the user wants. */
  readonly prompt: string;
  readonly also: string;
}

export const DESIGNER_WORDS: { readonly [Language in 'en' | 'ko']: DesignerWords } = {
  en: {
    question:
      'This is the scripted demo designer. What should the agent read, and when should it run? For example: "Summarise notes.md every Monday at 9".',
    proposal:
      'Here is an agent that does this. It works in its own workspace and reaches nothing else. Say what to change, or say "yes" to switch it on. (Scripted demo: a real model would think about your words.)',
    correction: 'I changed the proposal as you said. Say "yes" to switch it on, or tell me what else to change.',
    agreement: 'Done: it is as you saw it. You can run it at any time.',
    waiting: 'Waiting for your agreement',
    agreed: 'Switched on',
    name: 'Demo agent',
    prompt: `Goal: {{wish}}

Steps:
1. Look at the files in /workspace.
2. Do what the goal says, with these files alone.
3. Write the outcome to report.md.

Output: report.md, at most one page, the most important first.

Stop when report.md is written. If something is missing, say so in report.md and stop.`,
    also: 'Also: {{wish}}',
  },
  ko: {
    question:
      '데모 디자이너입니다. 에이전트가 무엇을 읽고 언제 실행되어야 하나요? 예: "매주 월요일 9시에 notes.md를 요약해 줘".',
    proposal:
      '이렇게 하는 에이전트를 제안합니다. 자기 작업 공간에서만 일하고 밖으로는 나가지 않습니다. 바꿀 점을 말씀하시거나 "네"라고 하시면 켭니다. (데모 대본입니다.)',
    correction: '말씀대로 제안을 고쳤습니다. "네"라고 하시면 켜고, 더 바꿀 점이 있으면 말씀해 주세요.',
    agreement: '다 됐습니다. 보신 그대로입니다. 언제든 실행할 수 있습니다.',
    waiting: '동의를 기다리는 중',
    agreed: '켜짐',
    name: '데모 에이전트',
    prompt: `목표: {{wish}}

단계:
1. /workspace의 파일을 살펴본다.
2. 그 파일만으로 목표를 이룬다.
3. 결과를 report.md에 쓴다.

출력: report.md, 한 쪽 이내, 중요한 것부터.

report.md를 다 쓰면 끝낸다. 빠진 것이 있으면 report.md에 적고 끝낸다.`,
    also: '추가: {{wish}}',
  },
};
