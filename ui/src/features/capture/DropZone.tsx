import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { type DragEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorNote } from "../../design/ErrorNote";
import { UploadIcon } from "../../design/icons";
import { testIds } from "../../design/testIds";
import { asSeekWellError, type SeekWellError } from "../../ipc/failure";
import { onFilesDragged, type PhotoSource, pickPhotos } from "../../ipc/stage";

/** Three ways in: drop, paste, pick. */
export function DropZone({ onPhotos }: { onPhotos: (photos: PhotoSource[]) => void }) {
  const { t } = useTranslation();
  const [over, setOver] = useState(false);
  const [error, setError] = useState<SeekWellError | null>(null);
  usePasted(onPhotos);
  useEffect(
    () =>
      onFilesDragged((moment) => {
        setOver(moment.kind === "over");
        if (moment.kind === "dropped") onPhotos(moment.photos);
      }),
    [onPhotos],
  );
  const pick = () => {
    setError(null);
    pickPhotos(t("capture.pictures"), t("capture.allFiles")).then(onPhotos, (thrown) =>
      setError(asSeekWellError(thrown)),
    );
  };
  const dropped = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onPhotos(fromFiles(event.dataTransfer.files));
  };
  return (
    <Box
      data-testid={testIds.dropZone}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={dropped}
      sx={{
        display: "grid",
        gap: 1,
        justifyItems: "center",
        textAlign: "center",
        p: 2.5,
        borderRadius: 2,
        border: "2px dashed",
        borderColor: over ? "primary.main" : "calm.line",
        bgcolor: "calm.ground",
        color: "calm.text",
        outline: over ? 3 : 0,
        outlineStyle: "solid",
        outlineColor: "primary.main",
      }}
    >
      <Typography variant="h2">{t("capture.drop")}</Typography>
      <Box>{t("capture.formats")}</Box>
      <Button variant="outlined" startIcon={<UploadIcon />} onClick={pick} data-testid={testIds.pickFiles}>
        {t("capture.pick")}
      </Button>
      {error && <ErrorNote error={error} onRetry={pick} />}
    </Box>
  );
}

/** Text that is pasted into a field is the field's own business; files are photos wherever they are pasted. */
function usePasted(onPhotos: (photos: PhotoSource[]) => void) {
  useEffect(() => {
    const pasted = (event: ClipboardEvent) => {
      const files = event.clipboardData?.files;
      if (!files || files.length === 0) return;
      event.preventDefault();
      onPhotos(fromFiles(files));
    };
    document.addEventListener("paste", pasted);
    return () => document.removeEventListener("paste", pasted);
  }, [onPhotos]);
}

function fromFiles(files: FileList | File[]): PhotoSource[] {
  return Array.from(files, (file) => ({ name: file.name, file }));
}
