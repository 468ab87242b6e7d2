// SPDX-License-Identifier: GPL-3.0-or-later
import mantine from "postcss-preset-mantine";

export default { plugins: [mantine()] };
