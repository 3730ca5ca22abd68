import Box from "@mui/material/Box";

export function Initials({ name, size = 48 }: { name: string; size?: number }) {
  return (
    <Box
      aria-hidden="true"
      sx={{
        flex: "none",
        width: size,
        height: size,
        borderRadius: 2,
        display: "grid",
        placeItems: "center",
        bgcolor: "calm.ground",
        color: "calm.text",
        fontWeight: 700,
        fontSize: size * 0.36,
      }}
    >
      {initials(name)}
    </Box>
  );
}

/** First letters of the family name and of the given name, which comes last in Vietnamese. */
export function initials(name: string): string {
  const words = name
    .replace(/\(.*?\)/g, " ")
    .trim()
    .split(/\s+/)
    .filter(Boolean);
  const first = [...(words[0] ?? "?")][0] ?? "?";
  const last = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : "";
  return (first + last).toLocaleUpperCase("vi");
}
