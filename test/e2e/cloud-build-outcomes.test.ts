import { openCloudStage } from '../support/server/cloud-stage.ts';
import { describeOutcomes } from './outcomes.suite.ts';

describeOutcomes('cloud-build', openCloudStage);
