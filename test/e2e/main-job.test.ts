import { openStage } from '../support/server/stage.ts';
import { describeMainJob } from './main-job.suite.ts';

describeMainJob('local', openStage);
