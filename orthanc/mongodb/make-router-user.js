// SPDX-License-Identifier: GPL-3.0-or-later
// Runs once, when MongoDB's volume is still empty: makes the user that the router logs in as, with rights on
// its own database only. A later change of the password in .env needs db.changeUserPassword() as well.
const name = process.env.MONGO_INITDB_DATABASE;
const file = process.env.MONGO_API_PASSWORD_FILE;
// A Docker secret, or a variable.
const password = file ? require("fs").readFileSync(file, "utf8").trim() : process.env.MONGO_API_PASSWORD;

db.getSiblingDB(name).createUser({
  user: process.env.MONGO_API_USER,
  pwd: password,
  roles: [{ role: "readWrite", db: name }],
});
