import Box from "@mui/material/Box";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../design/format";
import type { PatientDraft } from "../../ipc/bindings";
import { draftFields } from "./draft";

/** One record's fields beside another's; those that differ stand out in weight and by a mark. */
export function DraftTable({ columns }: { columns: { title: string; draft: PatientDraft }[] }) {
  const { t } = useTranslation();
  const words = useDraftWords();
  const [first, ...others] = columns;
  return (
    <Box
      sx={{ overflowX: "auto" }}
      tabIndex={0}
      role="region"
      aria-label={columns.map(({ title }) => title).join(", ")}
    >
      <Box
        component="table"
        sx={{
          width: "100%",
          borderCollapse: "collapse",
          "& th, & td": {
            textAlign: "left",
            p: 1,
            borderBottom: 1,
            borderColor: "line",
            verticalAlign: "top",
            overflowWrap: "anywhere",
          },
          "& thead th": { fontSize: "0.8125rem", color: "text.secondary" },
          "& tbody th": { fontWeight: 500, color: "text.secondary", width: { sm: 150 } },
        }}
      >
        <thead>
          <tr>
            <td />
            {columns.map(({ title }) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {draftFields.map((name) => (
            <tr key={name}>
              <th scope="row">{t(`patientField.${name}`)}</th>
              {first && <td>{words(first.draft, name)}</td>}
              {others.map(({ title, draft }) => {
                const differs = first !== undefined && first.draft[name] !== draft[name];
                return (
                  <Box
                    component="td"
                    key={title}
                    sx={differs ? { fontWeight: 700, bgcolor: "hint.ground", color: "hint.text" } : null}
                  >
                    {words(draft, name)}
                    {differs && (
                      <Box component="span" sx={{ fontSize: "0.75rem", fontWeight: 400 }}>
                        {" "}
                        ({t("patient.differs")})
                      </Box>
                    )}
                  </Box>
                );
              })}
            </tr>
          ))}
        </tbody>
      </Box>
    </Box>
  );
}

function useDraftWords() {
  const { t } = useTranslation();
  const format = useFormat();
  return (draft: PatientDraft, name: (typeof draftFields)[number]): string => {
    if (name === "born") return draft.born ? format.born(draft.born) : "–";
    if (name === "sex") return draft.sex ? t(`sex.${draft.sex}`) : "–";
    return draft[name] || "–";
  };
}
