// SPDX-License-Identifier: GPL-3.0-or-later
import { useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { Health } from "../api/healthDocuments";

/** Asks for everything that is shown once more when Orthanc answers again after it had not. */
export function useRecovery({ isSuccess, isError }: UseQueryResult<Health>): void {
  const client = useQueryClient();
  const away = useRef(false);
  useEffect(() => {
    if (isError) away.current = true;
    if (!isSuccess || !away.current) return;
    away.current = false;
    void client.invalidateQueries();
  }, [isSuccess, isError, client]);
}
