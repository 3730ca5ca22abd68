import SvgIcon, { type SvgIconProps } from "@mui/material/SvgIcon";

function Drawn({ paths, sx, ...props }: SvgIconProps & { paths: string[] }) {
  return (
    <SvgIcon
      {...props}
      viewBox="0 0 24 24"
      sx={[
        { fill: "none", stroke: "currentColor", strokeWidth: 1.9, strokeLinecap: "round", strokeLinejoin: "round" },
        ...(Array.isArray(sx) ? sx : [sx]),
      ]}
    >
      {paths.map((path) => (
        <path key={path} d={path} />
      ))}
    </SvgIcon>
  );
}

const drawn = (paths: string[]) => (props: SvgIconProps) => <Drawn paths={paths} {...props} />;

const circle = (x: number, y: number, r: number) =>
  `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;

export const EyeIcon = drawn([
  "M2.5 12C5 7.5 8.3 5.5 12 5.5s7 2 9.500 6.500C19 16.500 15.700 18.500 12 18.500S5 16.500 2.500 12z",
  circle(12, 12, 2.8),
]);
export const HiddenEyeIcon = drawn([
  "M2.5 12C5 7.5 8.3 5.5 12 5.5s7 2 9.500 6.500C19 16.500 15.700 18.500 12 18.500S5 16.500 2.500 12z",
  circle(12, 12, 2.8),
  "M4 20L20 4",
]);
export const PeopleIcon = drawn([
  circle(9, 8, 3.5),
  "M2.500 20c.4-4 3-6 6.500-6s6.100 2 6.500 6",
  "M15.500 4.800a3.500 3.500 0 0 1 0 6.400",
  "M18.200 14.700c2 .8 3.100 2.600 3.300 5.300",
]);
export const CameraIcon = drawn([
  "M3 8.500A1.500 1.500 0 0 1 4.500 7H7.500l1.500-2.500h6L16.500 7h3A1.500 1.500 0 0 1 21 8.500v9a1.500 1.500 0 0 1-1.500 1.500h-15A1.500 1.500 0 0 1 3 17.500z",
  circle(12, 13, 3.4),
]);
export const SettingsIcon = drawn([
  circle(12, 12, 3),
  "M12 3v3M12 18v3M3 12h3M18 12h3M5.600 5.600l2.100 2.100M16.300 16.300l2.100 2.100M18.400 5.600l-2.100 2.100M7.700 16.300l-2.100 2.100",
]);
export const BellIcon = drawn(["M6 16.500v-6a6 6 0 0 1 12 0v6l1.500 2h-15z", "M10 18.500a2 2 0 0 0 4 0"]);
export const SearchIcon = drawn([circle(10.5, 10.5, 6.5), "M15.500 15.500L20.500 20.500"]);
export const PlusIcon = drawn(["M12 5v14M5 12h14"]);
export const MinusIcon = drawn(["M5 12h14"]);
export const LeftIcon = drawn(["M14.500 5.500L8 12l6.500 6.500"]);
export const RightIcon = drawn(["M9.500 5.500L16 12l-6.500 6.500"]);
export const CheckIcon = drawn(["M4.500 12.500l5 5L19.500 7"]);
export const AlertIcon = drawn(["M12 4L2.500 20h19z", "M12 10v4.500M12 17.400v.1"]);
export const CloseIcon = drawn(["M6 6l12 12M18 6L6 18"]);
export const EditIcon = drawn(["M4 20l1-4.500L16 4.500l3.500 3.500L8.500 19z", "M13.500 7l3.500 3.500"]);
export const NoteIcon = drawn(["M4 5.500h16v10.500h-9l-4 4v-4H4z"]);
export const UploadIcon = drawn(["M12 16V4.500M7 9l5-5 5 5", "M4 15.500V20h16v-4.500"]);
export const FitIcon = drawn(["M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"]);
export const OutlineIcon = drawn([
  "M12 4.500c4.500 0 8 2.500 7.500 6.500-.3 2.600-2.200 3-2.500 5.500-.3 2.200-2.300 3.500-5 3.500-4.300 0-8-3-7.500-7.500.4-4.700 3.300-8 7.500-8z",
]);
export const PersonIcon = drawn([
  circle(12, 8, 4),
  "M4.500 20.500c.7-4.500 3.500-6.500 7.500-6.500s6.800 2 7.500 6.500",
]);
export const SignOutIcon = drawn(["M14 4.500H5v15h9", "M10 12h11M17.500 8.500L21 12l-3.500 3.500"]);
export const FolderIcon = drawn(["M3 6h6l2 2.500h10V19H3z"]);
export const ShieldIcon = drawn([
  "M12 3l8 3v6c0 4.500-3.200 7.700-8 9-4.800-1.300-8-4.500-8-9V6z",
  "M8.500 12l2.500 2.500 4.500-5",
]);
export const MachineIcon = drawn(["M3 5h18v11.500H3z", "M8.500 20h7M12 16.500V20"]);
export const AttentionIcon = drawn([circle(12, 12, 9), "M12 7.500v5.500M12 16.400v.1"]);
export const UnknownIcon = drawn([
  circle(12, 12, 9),
  "M9.500 9.500a2.500 2.500 0 1 1 3.600 2.200c-.7.4-1.100.9-1.100 1.800M12 16.700v.1",
]);
export const TwoWaysIcon = drawn([
  "M12 20v-6",
  "M12 14L5.500 7.500M5.500 12V7.500H10",
  "M12 14l6.500-6.500M18.500 12V7.500H14",
]);
export const RetryIcon = drawn(["M20 5v5h-5", "M19.500 10A8 8 0 1 0 20 13.500"]);
