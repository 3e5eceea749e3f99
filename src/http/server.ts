/** The HTTP server, as a function from requests to answers; listening is somebody else's work. */
import { Hono } from 'hono';
import { createAnswerOnce } from './answer-once.ts';
import { AUTH_STRATEGIES } from './auth.ts';
import { createBind } from './bind.ts';
import { guardBrowser } from './browser-guard.ts';
import type { HttpEnv } from './context.ts';
import type { HttpOptions } from './options.ts';
import { sendProblem, unmatched } from './problem.ts';
import { protect } from './protect.ts';
import { bindAgents } from './routes/agents.ts';
import { bindArtifacts } from './routes/artifacts.ts';
import { bindConversations } from './routes/conversations.ts';
import { addInternal } from './routes/internal.ts';
import { bindKeys } from './routes/keys.ts';
import { addPages } from './routes/pages.ts';
import { bindRunEvents } from './routes/run-events.ts';
import { bindRuns } from './routes/runs.ts';
import { bindSystem } from './routes/system.ts';
import { bindUsage } from './routes/usage.ts';

/** Makes the app. Every operation of the contract is bound to its handler. */
export const createHttpApp = (options: HttpOptions): Hono<HttpEnv> => {
  const app = new Hono<HttpEnv>();
  app.use(protect(options));
  if (AUTH_STRATEGIES[options.auth](options).ambient) {
    app.use((c, next) => {
      guardBrowser(c.req.raw, options.publicUrl);
      return next();
    });
  }
  app.onError((error, c) => sendProblem(error, c, options));
  app.notFound((c) => sendProblem(unmatched(c), c, options));

  const bind = createBind(app, options);
  const answerOnce = createAnswerOnce(options.engine);
  bindAgents(bind, options, answerOnce);
  bindRuns(bind, options, answerOnce);
  bindRunEvents(bind, options);
  bindArtifacts(bind, options);
  bindConversations(bind, options, answerOnce);
  bindKeys(bind, options);
  bindUsage(bind, options);
  bindSystem(bind, options);
  addInternal(app, options);
  addPages(app, options);
  return app;
};
