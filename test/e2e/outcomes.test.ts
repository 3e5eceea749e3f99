import { openStage } from '../support/server/stage.ts';
import { describeOutcomes } from './outcomes.suite.ts';

describeOutcomes('local', openStage);
