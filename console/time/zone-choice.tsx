import { type ComponentChildren, createContext } from 'preact';
import { useContext, useState } from 'preact/hooks';
import { isZone } from './zone.ts';

interface ZoneChoice {
  /** IANA name */
  zone: string;
  /** of the tenants that the viewer reaches */
  tenantZones: readonly string[];
  choose: (zone: string) => void;
}

const KEPT = 'switchfleet.zone';
const ZoneContext = createContext<ZoneChoice>({ zone: 'UTC', tenantZones: [], choose: () => undefined });

/** The zone of this browser. */
export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** One zone governs all input, display and export; this browser remembers it. */
export function ZoneProvider({
  tenantZones,
  children,
}: {
  tenantZones: readonly string[];
  children: ComponentChildren;
}) {
  const [zone, setZone] = useState(() => {
    const kept = localStorage.getItem(KEPT);
    return kept !== null && isZone(kept) ? kept : ownZone();
  });
  const choose = (chosen: string) => {
    localStorage.setItem(KEPT, chosen);
    setZone(chosen);
  };
  return <ZoneContext.Provider value={{ zone, tenantZones, choose }}>{children}</ZoneContext.Provider>;
}

/** The zone in which everything is shown. */
export const useZone = (): string => useContext(ZoneContext).zone;

/** The one switch of zones. */
export function ZoneSwitch() {
  const { zone, tenantZones, choose } = useContext(ZoneContext);
  const own = ownZone();
  const zones = [...new Set(['UTC', own, ...tenantZones.filter(isZone), zone])];
  const whose = (name: string) =>
    name === own ? ' (yours)' : tenantZones.includes(name) ? " (tenant's)" : '';
  return (
    <label class="zone">
      <span class="quiet">Times in</span>
      <select aria-label="Times in" value={zone} onChange={(event) => choose(event.currentTarget.value)}>
        {zones.map((name) => (
          <option key={name} value={name}>
            {name}
            {whose(name)}
          </option>
        ))}
      </select>
    </label>
  );
}
