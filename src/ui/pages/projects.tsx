/**
 * Projects: listed, made, described, deleted. The page to copy for another noun that has a list and little more.
 *
 * @module
 */

import { useState } from "preact/hooks";
import type { ProjectRow } from "../../domain/projects.ts";
import { api } from "../api.ts";
import { Button } from "../components/controls.tsx";
import { FormDialog } from "../components/form_dialog.tsx";
import { Empty, Page, Shown, Table } from "../components/layout.tsx";
import { ask, toast } from "../components/overlays.tsx";
import { Time } from "../components/text.tsx";
import { count, plural } from "../format.ts";
import { useLive } from "../live/use_live.ts";

/** Whose it is when nobody says. */
const DEFAULT = "default";
/** The API counts runs no further. */
const MOST_RUNS = 1000;

const of = (name: string) => `project=${encodeURIComponent(name)}`;

/** See the module's comment. */
export default function ProjectsPage() {
  const live = useLive("projects", api.projects.page, ({ kind }) => ["project", "flow", "flow_run"].includes(kind));
  const [form, setForm] = useState<"new" | ProjectRow>();
  return (
    <Page
      title="Projects"
      actions={
        <Button
          kind="primary"
          icon="plus"
          onClick={() => setForm("new")}
        >
          New project
        </Button>
      }
    >
      <Shown live={live}>
        {(projects) => (
          <Table
            label="Projects"
            rows={projects}
            rowKey={({ name }) => name}
            columns={[
              {
                title: "Name",
                main: true,
                cell: ({ name, description }) => (
                  <>
                    <div>
                      <a href={`/flows?${of(name)}`}>{name}</a>
                    </div>
                    <div class="quiet described">
                      {description ?? (name === DEFAULT ? "Flows for which nobody says a project" : "")}
                    </div>
                  </>
                ),
              },
              { title: "Flows", right: true, main: true, cell: ({ flow_count }) => count(flow_count) },
              { title: "Deployments", right: true, cell: ({ deployment_count }) => count(deployment_count) },
              {
                title: "Runs",
                right: true,
                cell: ({ name, run_count }) => (
                  <a class="number" href={`/runs?${of(name)}`}>{count(run_count)}{run_count >= MOST_RUNS ? "+" : ""}</a>
                ),
              },
              { title: "Created", cell: ({ created }) => <Time at={created} /> },
              {
                title: "Actions",
                main: true,
                right: true,
                cell: (project) => (
                  <span class="row-actions">
                    <Button kind="quiet" icon="edit" title={`Edit ${project.name}`} onClick={() => setForm(project)} />
                    {project.name === DEFAULT ? null : (
                      <Button
                        kind="quiet"
                        icon="trash"
                        title={`Delete ${project.name}`}
                        onClick={() => remove(project)}
                      />
                    )}
                  </span>
                ),
              },
            ]}
          />
        )}
      </Shown>
      {live.data?.length === 1
        ? (
          <Empty
            title="Flows are in projects; this is the one when nobody says."
            command="flowctl create project my_project"
          />
        )
        : null}
      {form === undefined
        ? null
        : <ProjectForm project={form === "new" ? undefined : form} onClose={() => setForm(undefined)} />}
    </Page>
  );
}

const ProjectForm = ({ project, onClose }: { project?: ProjectRow; onClose: () => void }) => (
  <FormDialog
    title={project === undefined ? "New project" : `Project ${project.name}`}
    action={project === undefined ? "Create" : "Save"}
    fields={[
      ...project === undefined ? [{ name: "name" as const, label: "Name", required: true }] : [],
      { name: "description" as const, label: "Description", kind: "long" as const, value: project?.description ?? "" },
    ]}
    submit={({ name, description }) =>
      project === undefined
        ? api.projects.create({ name: name.trim(), description: description || null })
        : api.projects.update(project.name, { description: description || null })}
    onClose={onClose}
  />
);

async function remove({ name, flow_count, deployment_count }: ProjectRow) {
  const runs = await api.flowRuns.count({ flows: { project: { any_: [name] } } });
  const with_ = [plural(flow_count, "flow"), plural(deployment_count, "deployment"), plural(runs, "run")];
  const yes = await ask({
    title: `Delete project ${name}?`,
    text: `With it go ${with_.join(", ")}, and their logs. They can't be brought back.`,
    action: "Delete",
    danger: true,
  });
  if (!yes) return;
  await api.projects.delete(name);
  toast(`Deleted project ${name}`);
}
