/** The addresses of the dashboard. Pages that not everybody opens first are loaded when they are. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { HomePage } from './pages/home.tsx';
import { NotFound } from './pages/not-found.tsx';
import { RunsPage } from './pages/runs.tsx';
import { Shell } from './parts/shell.tsx';

/** Filters of the runs list, as they stand in its address. */
export interface RunsSearch {
  readonly agent?: string;
  readonly status?: string;
  readonly since?: string;
}

/** What the chat is about, as it stands in its address: an earlier conversation, or for a new one a run or an agent. */
interface ChatSearch {
  readonly conversation?: string;
  readonly run?: string;
  readonly agent?: string;
}

const text = (name: keyof RunsSearch, search: Record<string, unknown>): RunsSearch => {
  const value = search[name];
  return typeof value === 'string' && value !== '' ? { [name]: value } : {};
};

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NotFound });

const homeRoute = createRoute({ getParentRoute: () => rootRoute, path: '/', component: HomePage });

export const runsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/runs',
  validateSearch: (search: Record<string, unknown>): RunsSearch => ({
    ...text('agent', search),
    ...text('status', search),
    ...text('since', search),
  }),
  component: RunsPage,
});

const runRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/runs/$runId',
  component: lazyRouteComponent(() => import('./pages/run.tsx'), 'RunPage'),
});

const agentsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/agents',
  component: lazyRouteComponent(() => import('./pages/agents.tsx'), 'AgentsPage'),
});

const newAgentRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/agents/new',
  component: lazyRouteComponent(() => import('./pages/new-agent.tsx'), 'NewAgentPage'),
});

const agentRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/agents/$agentId',
  validateSearch: (search: Record<string, unknown>): { readonly tab?: 'settings' } =>
    search.tab === 'settings' ? { tab: 'settings' } : {},
  component: lazyRouteComponent(() => import('./pages/agent.tsx'), 'AgentPage'),
});

const chatRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/chat',
  validateSearch: (search: Record<string, unknown>): ChatSearch => ({
    ...(typeof search.conversation === 'string' ? { conversation: search.conversation } : {}),
    ...(typeof search.run === 'string' ? { run: search.run } : {}),
    ...(typeof search.agent === 'string' ? { agent: search.agent } : {}),
  }),
  component: lazyRouteComponent(() => import('./pages/chat.tsx'), 'ChatPage'),
});

const usageRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/usage',
  component: lazyRouteComponent(() => import('./pages/usage.tsx'), 'UsagePage'),
});

const settingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/settings',
  component: lazyRouteComponent(() => import('./pages/settings.tsx'), 'SettingsPage'),
});

const routeTree = rootRoute.addChildren([
  homeRoute,
  runsRoute,
  runRoute,
  agentsRoute,
  newAgentRoute,
  agentRoute,
  chatRoute,
  usageRoute,
  settingsRoute,
]);

export const router = createRouter({
  routeTree,
  basepath: '/ui',
  defaultPreload: 'intent',
  scrollRestoration: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
