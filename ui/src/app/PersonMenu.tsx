import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import { useTheme } from "@mui/material/styles";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { initials } from "../design/Initials";
import { SignOutIcon } from "../design/icons";
import { testIds } from "../design/testIds";
import { useSigned } from "./SignedIn";

export function PersonMenu() {
  const { t } = useTranslation();
  const theme = useTheme();
  const { person, clinic } = useSigned();
  const navigate = useNavigate();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  return (
    <>
      <Button
        onClick={(event) => setAnchor(event.currentTarget)}
        aria-haspopup="menu"
        aria-expanded={Boolean(anchor)}
        data-testid={testIds.personMenu}
        sx={{ gap: 1, color: "text.primary", textAlign: "left", minWidth: 44, px: 0.5 }}
      >
        <Box
          aria-hidden="true"
          sx={{
            width: 36,
            height: 36,
            borderRadius: 99,
            display: "grid",
            placeItems: "center",
            bgcolor: "line",
            fontWeight: 700,
            fontSize: 14,
          }}
        >
          {initials(person.full_name)}
        </Box>
        <Box
          sx={{
            lineHeight: 1.25,
            [theme.breakpoints.down("lg")]: {
              position: "absolute",
              width: "1px",
              height: "1px",
              overflow: "hidden",
              clipPath: "inset(50%)",
            },
          }}
        >
          {person.full_name}
          <Box sx={{ fontWeight: 400, fontSize: "0.75rem", color: "text.secondary" }}>
            {t(`role.${person.role}`)} · {clinic}
          </Box>
        </Box>
      </Button>
      <Menu anchorEl={anchor} open={Boolean(anchor)} onClose={() => setAnchor(null)}>
        <Box sx={{ px: 2, py: 1, maxWidth: 300 }} role="presentation">
          <Box sx={{ fontWeight: 700, overflowWrap: "anywhere" }}>{person.full_name}</Box>
          <Box sx={{ color: "text.secondary", fontSize: "0.875rem", overflowWrap: "anywhere" }}>{person.email}</Box>
        </Box>
        <MenuItem
          data-testid={testIds.signOut}
          onClick={() => {
            setAnchor(null);
            navigate("/sign-out");
          }}
        >
          <SignOutIcon fontSize="small" sx={{ mr: 1 }} /> {t("person.signOut")}
        </MenuItem>
      </Menu>
    </>
  );
}
