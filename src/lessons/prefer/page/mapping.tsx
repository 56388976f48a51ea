/** Which columns hold the better and the worse answer. */
import { useMemo } from 'react';
import type { DatasetInfo } from '../../../domain/dataset';
import { RoleChoices } from '../../answer/page/role-choices';
import { LAYOUTS, mappingSchema } from '../shared/schema';

export function Mapping({ info, busy }: { info: DatasetInfo; busy: boolean }) {
  const mapping = useMemo(() => mappingSchema.parse(info.mapping), [info.mapping]);
  return <RoleChoices info={info} busy={busy} mapping={mapping} layout={LAYOUTS[mapping.layout]} />;
}
