// The selected projects as a file, made by the server in the formats of the report.
import { useState } from "preact/hooks";
import { ActionDialog } from "../item/ActionDialog";
import { download } from "./download";
import { useApp } from "./store";
import { countText } from "./time";

export function ExportDialog({ keys, onClose }: { keys: readonly string[]; onClose: () => void }) {
  const { api } = useApp();
  const [format, setFormat] = useState<"csv" | "xlsx">("xlsx");
  const send = async () => {
    download(`governed-projects.${format}`, await api.exportTable(keys, format));
    onClose();
  };
  return (
    <ActionDialog title={`Export ${countText(keys.length, "project")}`} label="Export" onDo={send} onClose={onClose}>
      <fieldset class="gl-plain">
        <legend class="gl-label">Format</legend>
        {(["xlsx", "csv"] as const).map((each) => (
          <label key={each} class="gl-check">
            <input type="radio" name="export-format" checked={format === each} onChange={() => setFormat(each)} />
            <span>{each === "xlsx" ? "Excel workbook" : "CSV"}</span>
          </label>
        ))}
      </fieldset>
    </ActionDialog>
  );
}
