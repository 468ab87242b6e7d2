// Runs once, when MongoDB's volume is still empty: makes the user that the router logs in as, with rights on
// its own database only. A later change of the password in .env needs db.changeUserPassword() as well.
const name = process.env.MONGO_INITDB_DATABASE;

db.getSiblingDB(name).createUser({
  user: process.env.MONGO_API_USER,
  pwd: process.env.MONGO_API_PASSWORD,
  roles: [{ role: "readWrite", db: name }],
});
