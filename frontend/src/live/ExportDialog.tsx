// Projects as a file, made by the server in the formats of the report: those that are selected, or all that are shown.
import { useState } from "preact/hooks";
import { ActionDialog } from "../item/ActionDialog";
import { download } from "./download";
import { useApp } from "./store";
import { countText } from "./time";

interface Props {
  keys: readonly string[];
  areSelected: boolean;
  onClose: () => void;
}

export function ExportDialog({ keys, areSelected, onClose }: Props) {
  const { api } = useApp();
  const [format, setFormat] = useState<"csv" | "xlsx">("xlsx");
  const send = async () => {
    download(`governed-projects.${format}`, await api.exportTable(keys, format));
    onClose();
  };
  return (
    <ActionDialog title={`Export ${countText(keys.length, "project")}`} label="Export" onDo={send} onClose={onClose}>
      <p>{areSelected ? "Those that are selected, in the order of the page." : "All that the filters show, in the order of the page."}</p>
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
