import { openCloudStage } from '../support/server/cloud-stage.ts';
import { describeMainJob } from './main-job.suite.ts';

describeMainJob('cloud-build', openCloudStage);
