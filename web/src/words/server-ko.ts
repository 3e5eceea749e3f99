/** 서버가 영어로 하는 말을 코드별로 옮긴 한국어. 빠진 코드가 있으면 타입이 맞지 않는다. */
import type { EventView } from '../../../src/api/event-schemas.ts';
import type { RunView } from '../../../src/api/run-schemas.ts';
import type { ProblemView } from '../../../src/api/system-schemas.ts';

type FailureCode = NonNullable<RunView['error']>['code'];
type StopReason = Extract<EventView, { type: 'run.stopping' }>['data']['reason'];

/** What went wrong with a run, and what to do next. */
export const FAILURES_KO: { readonly [Code in FailureCode]: string } = {
  cancelled: '실행이 중단되었습니다. 그때까지의 기록과 파일은 남아 있으며, 다시 실행할 수 있습니다.',
  deadline: '시간 한도에 도달했습니다. 시간 한도를 늘리거나 할 일을 줄이세요.',
  idle: '허용된 시간보다 오래 아무 출력이 없었습니다. 오래 조용한 것이 정상이라면 무응답 한도를 늘리세요.',
  memory: '메모리를 모두 써서 프로그램이 종료되었습니다. 메모리 한도를 늘리거나 한 번에 다루는 양을 줄이세요.',
  processes: '프로세스 수 한도에 도달했습니다. 한도를 늘리거나 동시에 하는 일을 줄이세요.',
  output: '허용된 양보다 많이 출력했습니다. 출력 한도를 늘리거나 결과를 파일에 쓰게 하세요.',
  disk: '디스크 한도에 도달했거나 서버의 디스크가 거의 찼습니다. 한도를 늘리거나 서버의 공간을 확보하세요.',
  budget_reached: '예산에 도달했습니다. 더 진행하려면 예산을 늘리세요.',
  max_turns: '턴 수 한도에 도달했습니다. 한도를 늘리거나 할 일을 줄이세요.',
  usage_limited: '모델 서비스의 사용 한도에 걸렸습니다. 한도가 풀린 뒤에 다시 실행하세요.',
  model_credentials_refused: '모델 서비스가 이 서버의 인증 정보를 거부했습니다. 서버의 API 키를 확인하세요.',
  model_price_unknown: '예산이 정해져 있는데 모델의 가격을 알 수 없습니다. 다른 모델을 고르거나 예산을 지우세요.',
  model_request_refused: '모델 서비스가 요청을 거부했습니다. 모델 이름과 설정을 확인하세요.',
  model_unavailable: '모델 서비스를 사용할 수 없었습니다. 잠시 뒤에 다시 실행하세요.',
  output_schema_mismatch: '결과가 출력 스키마에 맞지 않습니다. 스키마나 프롬프트를 고치세요.',
  harness_failed: '에이전트 프로그램이 오류로 종료되었습니다. 기록을 확인한 뒤 다시 실행하세요.',
  no_result: '에이전트 프로그램이 결과를 남기지 않고 끝났습니다. 기록을 확인한 뒤 다시 실행하세요.',
  packages_failed: '패키지를 설치하지 못했습니다. 패키지 이름과 버전을 확인하세요.',
  source_failed: '저장소를 가져오지 못했습니다. 주소와 브랜치를 확인하세요.',
  isolation_unavailable: '서버의 격리 기능이 온전하지 않아 실행하지 않았습니다. 설정의 상태 점검을 확인하세요.',
  place_failed: '실행 환경을 만들지 못했습니다. 다시 실행해 보세요.',
  place_lost: '실행 환경이 사라졌습니다. 그때까지의 기록은 남아 있습니다. 확인한 뒤 다시 실행하세요.',
  skipped: '예정된 실행을 건너뛰었습니다.',
};

/** Why a message has no answer, where that is no failure of a run. */
export const TURNS_KO = {
  server_stopped: '답변을 쓰는 도중에 서버가 멈춰 답변이 끊어졌습니다.',
  turn_failed: '답변을 만들지 못했습니다.',
  output_schema_mismatch: '답변이 정해진 형식에 맞지 않았습니다.',
};
export const TURN_KEPT_KO = '보내신 메시지와 앞선 대화는 그대로 있습니다. 같은 메시지를 다시 보내 주세요.';

/** Why the server refused a request. */
export const PROBLEMS_KO: { readonly [Code in ProblemView['code']]: string } = {
  invalid_request: '요청에 올바르지 않은 값이 있습니다.',
  unauthenticated: '로그인이 필요합니다.',
  forbidden: '허용되지 않은 요청입니다.',
  not_found: '찾을 수 없습니다. 이미 삭제되었을 수 있습니다.',
  method_not_allowed: '이 주소에서 할 수 없는 요청입니다.',
  conflict: '지금 상태에서는 할 수 없습니다.',
  illegal_transition: '지금 상태에서는 할 수 없습니다.',
  lease_lost: '다른 서버가 이 실행을 넘겨받았습니다.',
  idempotency_in_flight: '같은 요청을 아직 처리하고 있습니다. 잠시 뒤에 다시 시도하세요.',
  stale_revision: '그사이 다른 사람이 바꿨습니다. 새 내용을 불러온 뒤 다시 시도하세요.',
  payload_too_large: '요청이 너무 큽니다.',
  unsupported_media_type: '서버가 읽을 수 없는 형식입니다.',
  unsupported_encoding: '압축된 요청 본문은 읽을 수 없습니다.',
  range_not_satisfiable: '파일에 없는 범위를 요청했습니다.',
  idempotency_mismatch: '같은 키로 다른 요청을 보냈습니다.',
  rate_limited: '요청이 너무 많습니다. 잠시 뒤에 다시 시도하세요.',
  internal: '서버에 오류가 생겼습니다. 계속되면 관리자에게 알려 주세요.',
  place_failed: '실행 환경에 문제가 생겼습니다.',
  packages_failed: '패키지를 설치하지 못했습니다.',
  source_failed: '저장소를 가져오지 못했습니다.',
  start_aborted: '시작하는 도중에 멈췄습니다.',
  place_unavailable: '지금은 실행 환경을 쓸 수 없습니다. 잠시 뒤에 다시 시도하세요.',
  isolation_unavailable: '서버의 격리 기능이 온전하지 않습니다.',
  turn_failed: '답변을 만들지 못했습니다.',
  store_unavailable: '지금은 데이터베이스를 쓸 수 없습니다. 잠시 뒤에 다시 시도하세요.',
};

/** Why a run is being ended. */
export const STOPS_KO: { readonly [Reason in StopReason]: string } = {
  cancelled: '중단 요청을 받아 실행을 끝내는 중입니다.',
  deadline: '시간 한도에 도달해 실행을 끝내는 중입니다.',
  idle: '너무 오래 출력이 없어 실행을 끝내는 중입니다.',
  output: '출력 한도에 도달해 실행을 끝내는 중입니다.',
  budget_reached: '예산에 도달해 실행을 끝내는 중입니다.',
  model_credentials_refused: '모델 서비스가 인증 정보를 거부해 실행을 끝내는 중입니다.',
  model_price_unknown: '모델의 가격을 알 수 없어 실행을 끝내는 중입니다.',
};

/** Short texts that have no code, by the text itself. What is not here is shown as the server says it. */
export const TEXTS_KO: ReadonlyMap<string, string> = new Map([
  // What an agent may do, and would be denied.
  ['Read and search files in /workspace', '/workspace의 파일 읽기와 찾기'],
  ['Create, change, move and delete files in /workspace', '/workspace의 파일 만들기, 고치기, 옮기기, 지우기'],
  ['Any other command (Bash)', '그 밖의 명령 실행(Bash)'],
  ['Fetch and search the web (WebFetch, WebSearch)', '웹 가져오기와 검색(WebFetch, WebSearch)'],
  ['Write files outside /workspace', '/workspace 밖에 파일 쓰기'],
  ['Everything inside the sandbox', '샌드박스 안의 모든 작업'],
  // The parts that are checked.
  ['claude', 'Claude Code'],
  ['credentials', '모델 인증 정보'],
  ['model service', '모델 서비스'],
  ['proxy', '프록시'],
  ['store', '데이터베이스'],
  ['sandbox', '샌드박스'],
  ['disk', '디스크'],
  ['disk quota', '디스크 할당량'],
  ['control groups', '컨트롤 그룹'],
  ['memory limit', '메모리 한도'],
  ['process limit', '프로세스 한도'],
  ['CPU limit', '프로세서 한도'],
  ['system calls', '시스템 호출 제한'],
  ['file system', '파일 시스템'],
  ['network', '네트워크'],
  ['user inside', '실행 사용자'],
  ['clock', '시계'],
  ['node', 'Node.js'],
  ['data directory', '데이터 폴더'],
  ['temporary files', '임시 파일'],
  ['port', '포트'],
  ['namespaces', '네임스페이스'],
  ['egress', '외부 접속'],
  ['no network', '네트워크 차단'],
  ['pip packages', 'pip 패키지'],
  ['npm packages', 'npm 패키지'],
  ['repositories', '저장소 가져오기'],
  ['certificate authorities', '인증 기관'],
  ['cloud storage', '클라우드 저장소'],
  ['cloud build', '클라우드 빌드'],
  ['runner account', '빌드 실행 계정'],
  ['public address', '공개 주소'],
  // Why a part matters, and what works without it.
  [
    'It is a part of the wall between agents and this machine. No run is started without it.',
    '에이전트와 이 컴퓨터 사이를 막는 벽의 일부입니다. 없으면 실행을 시작하지 않습니다.',
  ],
  [
    'Everything but running: agents, schedules and the records of earlier runs.',
    '실행을 제외한 모든 기능(에이전트, 일정, 지난 실행의 기록)',
  ],
  [
    'It keeps one run from taking the memory, the processors or the disk of all others and of the server.',
    '한 실행이 다른 실행과 서버의 메모리, 프로세서, 디스크를 다 쓰지 못하게 합니다.',
  ],
  [
    'Everything but running: agents, schedules and the records of earlier runs. With SLIPWAY_ISOLATION=relaxed runs go on without these limits.',
    '실행을 제외한 모든 기능(에이전트, 일정, 지난 실행의 기록). SLIPWAY_ISOLATION=relaxed이면 이 한도 없이 실행합니다.',
  ],
  [
    'Nothing on this machine; commands to a server elsewhere (--url) do.',
    '이 컴퓨터에서는 없습니다. 다른 곳의 서버에 보내는 명령(--url)은 쓸 수 있습니다.',
  ],
  [
    'The server uses what this version brought: SQLite, and TypeScript as it is.',
    '서버가 이 버전에 들어 있는 SQLite와 TypeScript 실행 기능을 씁니다.',
  ],
  ['It is the program that every run executes.', '모든 실행이 이 프로그램을 씁니다.'],
  [
    'Each run asks the model service for answers; without them it fails.',
    '모든 실행이 모델 서비스에 답을 묻습니다. 인증 정보가 없으면 실패합니다.',
  ],
  [
    'Everything, with scripted answers: slipway serve --demo. Records can be read and agents edited.',
    '정해진 답을 쓰는 slipway serve --demo로는 모든 기능을 쓸 수 있습니다. 기록을 읽고 에이전트를 고칠 수도 있습니다.',
  ],
  [
    'Schedules fire by it, and certificates and leases are judged by it.',
    '일정, 인증서, 실행 권한의 기한을 이 시각으로 판단합니다.',
  ],
  ['Runs that are started by hand.', '직접 시작하는 실행'],
  ['The database, the places of runs and the caches are in it.', '데이터베이스, 실행 공간, 캐시가 여기에 있습니다.'],
  [
    'Tools that prepare runs, such as git and npm, keep their own files there.',
    'git, npm처럼 실행을 준비하는 도구가 여기에 파일을 둡니다.',
  ],
  ['Runs that need neither packages nor a repository.', '패키지도 저장소도 쓰지 않는 실행'],
  ['All agents, runs and events are in it.', '모든 에이전트, 실행, 이벤트가 여기에 있습니다.'],
  ['The HTTP API and the dashboard are served on it.', 'HTTP API와 대시보드가 이 포트를 씁니다.'],
  [
    'A server on another port; commands to a server elsewhere (--url).',
    '다른 포트의 서버, 그리고 다른 곳의 서버에 보내는 명령(--url)',
  ],
  [
    'Runs write to it, and a reserve is kept for ending what has begun.',
    '실행이 여기에 쓰고, 시작한 실행을 끝낼 여유 공간을 남겨 둡니다.',
  ],
  [
    'Reading. What is going on can end; nothing new is started.',
    '읽기. 진행 중인 실행은 끝날 수 있지만 새 실행은 시작하지 않습니다.',
  ],
  ['It installs the Python packages that agents ask for.', '에이전트가 요청한 Python 패키지를 설치합니다.'],
  ['Runs without Python packages.', 'Python 패키지를 쓰지 않는 실행'],
  ['It installs the npm packages that agents ask for.', '에이전트가 요청한 npm 패키지를 설치합니다.'],
  ['Runs without npm packages.', 'npm 패키지를 쓰지 않는 실행'],
  ['It fetches the repositories that agents work on.', '에이전트가 작업할 저장소를 가져옵니다.'],
  ['Runs without a repository.', '저장소를 쓰지 않는 실행'],
  [
    'By it the server knows the model service, and preparations know registries and git hosts.',
    '서버가 모델 서비스를, 준비 단계가 패키지 저장소와 git 서버를 믿는 근거입니다.',
  ],
  [
    'Nothing with this setting; without it, what public authorities vouch for.',
    '이 설정이 있는 동안에는 없습니다. 설정을 지우면 공인 인증 기관이 보증하는 곳은 쓸 수 있습니다.',
  ],
  [
    'What a build needs, and what comes of it, goes through the bucket.',
    '빌드에 필요한 것과 빌드의 결과가 이 버킷을 거칩니다.',
  ],
  ['Each run executes in a build of its own.', '실행마다 따로 빌드 하나를 씁니다.'],
  [
    'Each program in a build can act as the account of its steps.',
    '빌드 안의 프로그램은 모두 이 계정의 권한으로 움직일 수 있습니다.',
  ],
  [
    'Everything; agents then have what the default account may do.',
    '모든 기능. 다만 에이전트가 기본 계정의 권한을 가집니다.',
  ],
  [
    'By it builds reach the gateway and tell what is going on in them.',
    '빌드가 이 주소로 모델을 쓰고 진행 상황을 알립니다.',
  ],
  [
    'Runs without a budget, with a model key of their own from Secret Manager.',
    '예산 없는 실행. 빌드가 Secret Manager의 모델 키를 직접 씁니다.',
  ],
  [
    'Everything; turns of conversations execute in builds, and start as slowly.',
    '모든 기능. 다만 대화의 답변도 빌드에서 만들어 늦게 시작합니다.',
  ],
  // What fields of the form must be.
  ['must not be empty', '비워 둘 수 없습니다.'],
  ['must not hold control characters', '제어 문자는 쓸 수 없습니다.'],
  [
    'must be a model name: letters, digits and ._:@/[]-, beginning with a letter or a digit, at most 128 characters',
    '모델 이름은 글자나 숫자로 시작하고, 글자, 숫자, ._:@/[]-만 128자까지 쓸 수 있습니다.',
  ],
  [
    'must be a tool name, with a rule in parentheses if wanted, such as Read or Bash(git log:*)',
    'Read나 Bash(git log:*)처럼 도구 이름을 쓰고, 필요하면 괄호 안에 규칙을 적으세요.',
  ],
  [
    'must be a package such as pandas==2.2.2 (pip) or npm:left-pad@1.3.0; no addresses, paths or options',
    'pandas==2.2.2(pip)나 npm:left-pad@1.3.0처럼 쓰세요. 주소, 경로, 옵션은 쓸 수 없습니다.',
  ],
  [
    'must be a public host name such as api.example.com, *.example.com or api.example.com:8443; no scheme, path, address or internal name',
    'api.example.com, *.example.com, api.example.com:8443 같은 공개 호스트 이름만 쓸 수 있습니다.',
  ],
  ['must be five cron fields, such as 0 9 * * 1', '0 9 * * 1처럼 다섯 칸의 cron 표현식이어야 합니다.'],
  ['must be an IANA time zone, such as Europe/Berlin', 'Asia/Seoul 같은 IANA 시간대여야 합니다.'],
]);

/** Why a firing was skipped, by how the server's text begins or goes on. */
export const SKIPPED_KO: readonly (readonly [form: RegExp, korean: string])[] = [
  [/^An earlier run/, '앞선 실행이 아직 끝나지 않아 이번 실행을 건너뛰었습니다.'],
  [/firings were missed/, '서버가 꺼져 있어서 예정된 실행을 놓쳤습니다.'],
];

/** Texts with something of the agent in them, which stands in place of `$1` and `$2`. */
export const FORMS_KO: readonly (readonly [form: RegExp, korean: string])[] = [
  [/^Use the MCP server ([^:]+): (.*)$/s, 'MCP 서버 $1 사용: $2'],
  [/^Read the repository (.*) at (\S+)$/s, '저장소 $1 읽기($2)'],
];

/** The namespaces of a sandbox, by the kernel's names for them. */
export const namespaceKo = (name: string): string => `${name} 네임스페이스`;
