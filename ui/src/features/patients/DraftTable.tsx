import Box from "@mui/material/Box";
import type { Theme } from "@mui/material/styles";
import useMediaQuery from "@mui/material/useMediaQuery";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../design/format";
import type { PatientDraft } from "../../ipc/bindings";
import { draftFields, likeness } from "./draft";

type FieldName = (typeof draftFields)[number];

/**
 * One record's fields beside another's. `compare` says what stands out, in weight and by a word: where two "records" of
 * perhaps one person agree and disagree, or every "change" between two versions of one record.
 */
export function DraftTable({
  before,
  after,
  compare,
}: {
  before: { title: string; draft: PatientDraft };
  after: { title: string; draft: PatientDraft };
  compare: "records" | "change";
}) {
  const { t } = useTranslation();
  const words = useDraftWords();
  // No room for a third column: a field's name stands above its two values.
  const narrow = useMediaQuery((theme: Theme) => theme.breakpoints.down("sm"), { noSsr: true });
  const mark = (name: FieldName) => {
    if (compare === "records") return likeness(before.draft, after.draft, name);
    return before.draft[name] === after.draft[name] ? null : "differs";
  };
  const values = (name: FieldName) => (
    <>
      <td>{words(before.draft, name)}</td>
      <Marked mark={mark(name)}>{words(after.draft, name)}</Marked>
    </>
  );
  return (
    <Box
      component="table"
      sx={{
        width: "100%",
        tableLayout: "fixed",
        borderCollapse: "collapse",
        "& th, & td": { textAlign: "left", p: 1, verticalAlign: "top", overflowWrap: "anywhere" },
        "& tr:has(td)": { borderBottom: 1, borderColor: "line" },
        "& thead th": { fontSize: "0.8125rem", color: "text.secondary" },
        "& tbody th": { fontWeight: 500, color: "text.secondary", ...(narrow && { pb: 0, fontSize: "0.8125rem" }) },
      }}
    >
      <thead>
        <tr>
          {!narrow && <Box component="td" sx={{ width: 168 }} />}
          <th scope="col">{before.title}</th>
          <th scope="col">{after.title}</th>
        </tr>
      </thead>
      {draftFields.map((name) => (
        <tbody key={name}>
          {narrow && (
            <tr>
              <th scope="rowgroup" colSpan={2}>
                {t(`patientField.${name}`)}
              </th>
            </tr>
          )}
          <tr>
            {!narrow && <th scope="row">{t(`patientField.${name}`)}</th>}
            {values(name)}
          </tr>
        </tbody>
      ))}
    </Box>
  );
}

function Marked({ mark, children }: { mark: "same" | "differs" | null; children: string }) {
  const { t } = useTranslation();
  const look = {
    same: { bgcolor: "calm.ground", color: "calm.text" },
    differs: { bgcolor: "hint.ground", color: "hint.text" },
  };
  return (
    <Box component="td" data-mark={mark} sx={mark ? { fontWeight: 700, ...look[mark] } : null}>
      {children}
      {mark && (
        <Box component="span" sx={{ fontSize: "0.8125rem", fontWeight: 400, whiteSpace: "nowrap" }}>
          {" "}
          ({t(mark === "same" ? "patient.same" : "patient.differs")})
        </Box>
      )}
    </Box>
  );
}

function useDraftWords() {
  const { t } = useTranslation();
  const format = useFormat();
  return (draft: PatientDraft, name: FieldName): string => {
    if (name === "born") return draft.born ? format.born(draft.born) : "–";
    if (name === "sex") return draft.sex ? t(`sex.${draft.sex}`) : "–";
    return draft[name] || "–";
  };
}
