/** Room for the form of a run's parameters. @module */

import type { FlowRun } from "../../domain/flow_runs.ts";
import { api } from "../api.ts";
import { Button } from "./controls.tsx";
import { Dialog } from "./overlays.tsx";

/** See the module's comment. */
export const RunDialog = ({ deploymentId, parameters, onClose, onCreated }: {
  deploymentId: string;
  parameters?: Record<string, unknown>;
  onClose(): void;
  onCreated(run: FlowRun): void;
}) => (
  <Dialog
    title="Run"
    onClose={onClose}
    actions={
      <Button
        kind="primary"
        onClick={async () =>
          onCreated(await api.deployments.createRun(deploymentId, { parameters: parameters as never }))}
      >
        Run
      </Button>
    }
  >
    <pre>{JSON.stringify(parameters)}</pre>
  </Dialog>
);
