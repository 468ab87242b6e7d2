// SPDX-License-Identifier: GPL-3.0-or-later
/** The library of devices that write into their pixels: one for all policies that refer to it. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Redaction } from "./actions";
import { request } from "./client";
import type { DeviceLibrary as Served } from "./schema";

export type DeviceLibrary = Omit<Served, "redactions"> & { redactions: Redaction[] };

const key = ["devices"];

export function useDevices() {
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => request<DeviceLibrary>("devices", { signal }),
  });
}

/** Save the library anew; `revision` is the one that was seen. */
export function useSaveDevices() {
  return useChange(({ redactions, revision }: Pick<DeviceLibrary, "redactions" | "revision">) =>
    request<DeviceLibrary>("devices", { method: "PUT", body: { redactions }, revision }),
  );
}

/** Make a former revision the current one. */
export function useRestoreDevices() {
  return useChange((revision: number) =>
    request<DeviceLibrary>("devices/restore", { method: "POST", body: { revision } }),
  );
}

function useChange<Asked>(change: (asked: Asked) => Promise<DeviceLibrary>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    // What transforms make of images may be another now, too.
    onSettled: () =>
      Promise.all(
        [key, ["transform"], ["redactions"]].map((queryKey) => client.invalidateQueries({ queryKey })),
      ),
  });
}

/** The library with this entry in the place of the one that has its name, or at its end. */
export function withDevice(redactions: Redaction[], entry: Redaction): Redaction[] {
  const name = nameOf(entry);
  const isThere = redactions.some((one) => nameOf(one) === name);
  return isThere ? redactions.map((one) => (nameOf(one) === name ? entry : one)) : [...redactions, entry];
}

function nameOf({ name }: Redaction): string {
  return (name ?? "").trim().toLowerCase();
}
