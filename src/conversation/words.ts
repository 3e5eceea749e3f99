interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

/** What the server itself says in a conversation, in the language of the one who listens. */
interface Words {
  /** A turn without an answer: what happened, and what was kept and is to be done. */
  readonly failed: (failure: Failure) => { readonly message: string; readonly hint: string };
  /** Added to an answer whose proposal is not valid, after the model was told once. */
  readonly refused: (reasons: string) => string;
  /** Added to an answer that agrees, when the agent could not be saved. */
  readonly notSaved: (why: string) => string;
  /** Added to an answer that agrees to what the user had not seen. */
  readonly unseen: string;
}

const EN: Words = {
  failed: ({ code, message, hint }) => ({
    message:
      code === 'server_stopped'
        ? `The server was stopped while the answer was being written, and the answer broke off. ${message}`
        : `The designer could not answer. ${message}`,
    hint: `${hint === null ? '' : `${hint} `}Your message was kept, and so was all that was said before; send it again.`,
  }),
  refused: (reasons) =>
    `(The proposal could not be accepted, and nothing was changed: ${reasons}. Say what you would like instead.)`,
  notSaved: (why) => `(Nothing was saved: ${why})`,
  unseen: '(Nothing was switched on: the proposal is not the one that you had seen. Look at it, then say yes.)',
};

const REASONS_KO: ReadonlyMap<string, string> = new Map([
  ['model_credentials_refused', '모델 서비스가 이 서버의 인증 정보를 거부했습니다.'],
  ['model_unavailable', '모델 서비스를 사용할 수 없었습니다.'],
  ['output_schema_mismatch', '답변이 정해진 형식에 맞지 않았습니다.'],
  ['usage_limited', '모델 서비스의 사용 한도에 걸렸습니다.'],
]);

const KO: Words = {
  failed: ({ code, message, hint }) => ({
    message:
      code === 'server_stopped'
        ? `답변을 쓰는 도중에 서버가 멈춰 답변이 끊어졌습니다. (${message})`
        : `${REASONS_KO.get(code) ?? '답변을 만들지 못했습니다.'} (${message})`,
    hint: `${hint === null ? '' : `(${hint}) `}보내신 메시지와 앞선 대화는 그대로 있습니다. 같은 메시지를 다시 보내 주세요.`,
  }),
  refused: (reasons) =>
    `(이 제안은 받아들일 수 없어서 아무것도 바뀌지 않았습니다: ${reasons}. 어떻게 바꿀지 말씀해 주세요.)`,
  notSaved: (why) => `(저장되지 않았습니다: ${why})`,
  unseen: '(아직 켜지 않았습니다. 보셨던 제안과 다릅니다. 제안을 확인하신 뒤 "네"라고 해 주세요.)',
};

/** @param said the user's message */
export const wordsFor = (said: string): Words => (/\p{Script=Hangul}/u.test(said) ? KO : EN);
