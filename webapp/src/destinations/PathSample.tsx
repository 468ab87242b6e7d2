// SPDX-License-Identifier: GPL-3.0-or-later
import { useState } from "react";
import { useMay } from "../api/health";
import { FilledTemplate } from "../policies/actions/FilledTemplate";
import { SampleContext } from "../policies/actions/sample";
import { StudySelect } from "../studies/StudySelect";
import { texts } from "../texts";

const words = texts.destinations.editor.pathSample;
/** What the server takes where nothing is said. */
const usualName = "{{ SOPInstanceUID }}.dcm";

/** Where a file of a stored study would go. */
export function PathSample({ path, fileName }: { path: string; fileName: string }) {
  const [study, setStudy] = useState<string | null>(null);
  const mayOperate = useMay("operate");
  if (!mayOperate) return null;
  const template = [path.replace(/\/+$/, ""), fileName || usualName].filter(Boolean).join("/");
  return (
    <div>
      <StudySelect label={words.label} value={study} onChange={setStudy} />
      <SampleContext value={study ? { resource: { level: "study", id: study }, policy: "" } : null}>
        <FilledTemplate template={template} kind="path" of={words.file} />
      </SampleContext>
    </div>
  );
}
