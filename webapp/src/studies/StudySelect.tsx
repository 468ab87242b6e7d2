// SPDX-License-Identifier: GPL-3.0-or-later
import { Group, Loader, Select } from "@mantine/core";
import { useDebouncedValue, useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import { useStoredStudy, useStudySearch } from "../api/studies";
import { useSuggestions } from "../rules/useSuggestions";
import { texts } from "../texts";
import { studyName } from "./studyName";

const words = texts.studies.select;

/** Finds a stored study by patient, accession number, description or date, of any modality or of one. */
export function StudySelect({
  label = words.label,
  value,
  onChange,
}: {
  label?: string;
  value: string | null;
  onChange: (id: string | null) => void;
}) {
  const [search, setSearch] = useState("");
  const [modality, setModality] = useState("");
  const [choosing, { open: beginToChoose }] = useDisclosure();
  const modalities = useSuggestions(choosing ? "Modality" : "");
  const chosen = useStoredStudy(value ?? "").data;
  const [asked] = useDebouncedValue(search, 250);
  // The chosen study's own words stand in the field; they are not what to look for.
  const found = useStudySearch(chosen && asked === studyName(chosen) ? "" : asked, modality);
  const all = [...(found.data ?? []), ...(chosen ? [chosen] : [])];
  const studies = [...new Map(all.map((study) => [study.ID, study])).values()];
  return (
    <Group gap="xs" align="flex-end">
      <Select
        flex="1 1 14rem"
        label={label}
        placeholder={words.placeholder}
        data={studies.map((study) => ({ value: study.ID, label: studyName(study) }))}
        filter={({ options }) => options}
        searchable
        clearable
        searchValue={search}
        onSearchChange={setSearch}
        value={value}
        onChange={onChange}
        nothingFoundMessage={found.isFetching ? texts.common.loading : words.nothing}
        rightSection={found.isFetching ? <Loader size={16} /> : undefined}
        maxDropdownHeight={320}
      />
      <Select
        w={150}
        aria-label={words.modality}
        placeholder={words.anyModality}
        onFocus={beginToChoose}
        data={modalities}
        value={modality || null}
        onChange={(chosen) => setModality(chosen ?? "")}
        searchable
        clearable
      />
    </Group>
  );
}
