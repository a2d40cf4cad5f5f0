interface DeviceReference {
  readonly driver?: string;
  readonly pool?: string;
  readonly device?: string;
  readonly shareID?: string;
}

/** What identifies a device: it is one of a pool of a driver, and may be shared under an id. */
export function deviceKey({ driver = '', pool = '', device = '', shareID = '' }: DeviceReference): string {
  return JSON.stringify([driver, pool, device, shareID]);
}

/** A device as messages show it. */
export function deviceText({ driver = '', pool = '', device = '', shareID = '' }: DeviceReference): string {
  const text = `${driver}/${pool}/${device}`;
  return shareID === '' ? text : `${text}/${shareID}`;
}
