// SPDX-License-Identifier: GPL-3.0-or-later
import {
  closestCenter,
  DndContext,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
  type UniqueIdentifier,
} from "@dnd-kit/core";
import {
  SortableContext,
  sortableKeyboardCoordinates,
  useSortable,
  verticalListSortingStrategy,
} from "@dnd-kit/sortable";
import { CSS } from "@dnd-kit/utilities";
import { ActionIcon, Table, type TableTrProps } from "@mantine/core";
import { IconGripVertical } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { texts } from "../texts";

const words = texts.common.sorting;

export interface SortableRowsProps {
  /** The rows in their order. */
  ids: string[];
  nameOf: (id: string) => string;
  onMove: (id: string, index: number) => void;
  children: ReactNode;
}

/** A table whose rows can be moved, by pointer or by keys. */
export function SortableRows({ ids, nameOf, onMove, children }: SortableRowsProps) {
  const sensors = useSensors(
    useSensor(PointerSensor),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const say = (
    sentence: (name: string, place: number) => string,
    id: UniqueIdentifier,
    over?: UniqueIdentifier,
  ) => sentence(nameOf(String(id)), ids.indexOf(String(over ?? id)) + 1);
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={closestCenter}
      onDragEnd={({ active, over }) => over && onMove(String(active.id), ids.indexOf(String(over.id)))}
      accessibility={{
        screenReaderInstructions: { draggable: words.instructions },
        announcements: {
          onDragStart: ({ active }) => say(words.picked, active.id),
          onDragOver: ({ active, over }) => say(words.over, active.id, over?.id),
          onDragEnd: ({ active, over }) => say(words.dropped, active.id, over?.id),
          onDragCancel: ({ active }) => say(words.left, active.id),
        },
      }}
    >
      <SortableContext items={ids} strategy={verticalListSortingStrategy}>
        {children}
      </SortableContext>
    </DndContext>
  );
}

/** A row that a handle within it moves. */
export function SortableRow({ id, ...row }: TableTrProps & { id: string }) {
  const { setNodeRef, transform, transition, isDragging } = useSortable({ id });
  return (
    <Table.Tr
      {...row}
      ref={setNodeRef}
      style={{
        transform: CSS.Translate.toString(transform),
        transition,
        opacity: isDragging ? 0.6 : undefined,
        position: "relative",
        zIndex: isDragging ? 1 : undefined,
      }}
    />
  );
}

/** What a row is moved by. */
export function SortHandle({ id, label }: { id: string; label: string }) {
  const { attributes, listeners, setActivatorNodeRef } = useSortable({ id });
  return (
    <ActionIcon
      ref={setActivatorNodeRef}
      {...attributes}
      {...listeners}
      variant="subtle"
      color="gray"
      aria-label={label}
      style={{ cursor: "grab", touchAction: "none" }}
    >
      <IconGripVertical size={16} />
    </ActionIcon>
  );
}
