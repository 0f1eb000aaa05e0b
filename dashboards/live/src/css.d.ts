// Style sheets are bundled by the build; TypeScript need not look into them.
declare module "*.css";
