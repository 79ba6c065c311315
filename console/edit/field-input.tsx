import { type Field, labelOf } from './kind.ts';

interface FieldInputProps {
  field: Field;
  value: unknown;
  isNew: boolean;
}

/** What one field is written into. */
export function FieldInput({ field, value, isNew }: FieldInputProps) {
  const { name, type } = field;
  if (type === 'flag')
    return (
      <label class="check">
        <input type="checkbox" name={name} defaultChecked={value === true} /> {labelOf(name)}
      </label>
    );
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: an input or a select stands in it
    <label>
      <span class="quiet">{labelOf(name)}</span>
      {typeof type === 'string' ? (
        <TextInput field={field} value={value} isNew={isNew} />
      ) : (
        <select name={name} aria-label={labelOf(name)}>
          {type.map((word) => (
            <option key={word} value={word} selected={word === value}>
              {word}
            </option>
          ))}
        </select>
      )}
    </label>
  );
}

function TextInput({
  field: { name, type, isKey = false, isOptional = false },
  value,
  isNew,
}: FieldInputProps) {
  const isNeeded = !isOptional && (isKey || type === 'number' || (type === 'secret' && isNew));
  if (type === 'secret')
    return (
      <input
        name={name}
        type="password"
        autocomplete="new-password"
        maxLength={256}
        required={isNeeded}
        placeholder={isNew ? '' : 'stays as it is'}
      />
    );
  return (
    <input
      name={name}
      defaultValue={writtenOf(value)}
      readOnly={isKey && !isNew}
      required={isNeeded}
      placeholder={type === 'words' ? 'with spaces between them' : ''}
      {...(type === 'number'
        ? { type: 'number', step: 'any' }
        : { maxLength: type === 'words' ? 20_000 : 300 })}
    />
  );
}

function writtenOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return Array.isArray(value) ? value.join(' ') : String(value);
}
