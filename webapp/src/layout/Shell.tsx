// SPDX-License-Identifier: GPL-3.0-or-later
import { Alert, AppShell, Burger, Container, Group, Loader, NavLink, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { Link, Outlet, useLocation, useNavigation } from "react-router";
import { ApiError } from "../api/client";
import { useHealth } from "../api/health";
import { isEmbedded } from "../embedding/surroundings";
import { orthancRoot } from "../place";
import { texts } from "../texts";
import { Absences } from "./Absences";
import { ColorSchemeSwitch } from "./ColorSchemeSwitch";
import { Logo } from "./Logo";
import { pages } from "./pages";
import { Person } from "./Person";
import { problemWords } from "./problemWords";
import classes from "./Shell.module.css";
import { StatusLink } from "./StatusLink";
import { useRecovery } from "./useRecovery";

/**
 * What surrounds every page: the way around, how the router is, who is logged in. Beside a menu of Orthanc's, the
 * header is left out, unless the window is so narrow that it leads to the page's own menu.
 */
export function Shell() {
  const [opened, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  const navigation = useNavigation();
  const health = useHealth();
  useRecovery(health);
  const { common } = texts;
  const severalNodes = (health.data?.nodes ?? []).length > 1;
  const shown = pages.filter(({ ofSeveralNodes }) => !ofSeveralNodes || severalNodes);
  return (
    <AppShell
      header={{ height: { base: 56, sm: isEmbedded ? 0 : 56 } }}
      navbar={{ width: 220, breakpoint: "sm", collapsed: { mobile: !opened } }}
      padding={{ base: "sm", md: "lg" }}
    >
      <a
        href="#content"
        className={classes.skip}
        onClick={(event) => {
          // The page has a base address, so a bare fragment would lead away from it.
          event.preventDefault();
          document.getElementById("content")?.focus();
        }}
      >
        {common.skipToContent}
      </a>
      <AppShell.Header hiddenFrom={isEmbedded ? "sm" : undefined}>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={common.openNavigation}
            />
            <Logo />
            <Text fw={650} component="span" className={classes.name}>
              {health.data?.name ?? common.product}
            </Text>
            {navigation.state === "loading" ? <Loader size="xs" aria-label={common.loading} /> : null}
          </Group>
          <Group gap="xs" wrap="nowrap">
            <StatusLink health={health} />
            {isEmbedded ? null : <ColorSchemeSwitch />}
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label={common.navigation}>
        <Stack gap={2} flex={1}>
          {shown.map(({ to, label, icon: Icon }) => {
            const active = to === "/" ? pathname === "/" : pathname.startsWith(to);
            return (
              <NavLink
                key={to}
                component={Link}
                to={to}
                label={label}
                leftSection={<Icon size={20} stroke={1.6} aria-hidden />}
                active={active}
                aria-current={active ? "page" : undefined}
                onClick={close}
                className={classes.link}
              />
            );
          })}
        </Stack>
        <Stack gap={2} p="xs">
          <Person user={health.data?.user} />
          {health.data?.version ? (
            <Text size="xs" c="dimmed">
              {common.version(health.data.version)}
            </Text>
          ) : null}
          {isEmbedded ? null : (
            <Text size="xs">
              <a href={orthancRoot()} className={classes.plain}>
                {common.backToOrthanc}
              </a>
            </Text>
          )}
        </Stack>
      </AppShell.Navbar>
      <AppShell.Main className={classes.main} id="content" tabIndex={-1}>
        <Container size="xl" p={0}>
          {health.error instanceof ApiError && health.error.unreachable ? (
            <Disconnected error={health.error} />
          ) : null}
          {health.isError ? null : <Absences absences={health.data?.warnings ?? []} />}
          <Outlet />
        </Container>
      </AppShell.Main>
    </AppShell>
  );
}

function Disconnected({ error }: { error: ApiError }) {
  const { title, text } = problemWords(error);
  return (
    <Alert role="alert" color="orange" icon={<IconPlugConnectedX aria-hidden />} title={title} mb="md">
      {text}
    </Alert>
  );
}
