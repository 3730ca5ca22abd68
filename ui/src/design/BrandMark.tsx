import Box from "@mui/material/Box";
import { EyeIcon } from "./icons";
import { brandGreen } from "./tokens";

export function BrandMark({ size }: { size: number }) {
  return (
    <Box
      aria-hidden="true"
      sx={{
        flex: "none",
        display: "grid",
        placeItems: "center",
        width: size,
        height: size,
        borderRadius: 2,
        bgcolor: brandGreen,
        color: "#ffffff",
      }}
    >
      <EyeIcon />
    </Box>
  );
}
