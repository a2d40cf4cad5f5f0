/** `Deployment/web`: what an autoscaler scales. */
export function referenceCell(reference: { kind?: string; name?: string } | null | undefined): string {
  return `${reference?.kind ?? ''}/${reference?.name ?? ''}`;
}
