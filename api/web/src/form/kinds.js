// Kinds of files, as HTML's `accept` names them: ".pdf,image/*".

/** Whether a file picker with this `accept` takes the file. */
export function accepts(accept, file) {
  const kinds = (accept ?? "").split(",").map((kind) => kind.trim().toLowerCase()).filter(Boolean);
  const name = file.name.toLowerCase();
  return !kinds.length || kinds.some((kind) => fits(kind, name, file.type.toLowerCase()));
}

function fits(kind, name, type) {
  if (kind.startsWith(".")) return name.endsWith(kind);
  return kind.endsWith("/*") ? type.startsWith(kind.slice(0, -1)) : type === kind;
}
