/** What the server itself says in a conversation, in the language of the one who listens. */
interface Words {
  /** Added to an answer whose proposal is not valid, after the model was told once. */
  readonly refused: (reasons: string) => string;
  /** Added to an answer that agrees, when the agent could not be saved. */
  readonly notSaved: (why: string) => string;
  /** Added to an answer that agrees to what the user had not seen. */
  readonly unseen: string;
}

const EN: Words = {
  refused: (reasons) =>
    `(The proposal could not be accepted, and nothing was changed: ${reasons}. Say what you would like instead.)`,
  notSaved: (why) => `(Nothing was saved: ${why})`,
  unseen: '(Nothing was switched on: the proposal is not the one that you had seen. Look at it, then say yes.)',
};

const KO: Words = {
  refused: (reasons) =>
    `(이 제안은 받아들일 수 없어서 아무것도 바뀌지 않았습니다: ${reasons}. 어떻게 바꿀지 말씀해 주세요.)`,
  notSaved: (why) => `(저장되지 않았습니다: ${why})`,
  unseen: '(아직 켜지 않았습니다. 보셨던 제안과 다릅니다. 제안을 확인하신 뒤 "네"라고 해 주세요.)',
};

/** @param said the user's message */
export const wordsFor = (said: string): Words => (/\p{Script=Hangul}/u.test(said) ? KO : EN);
